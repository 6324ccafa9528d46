import json
from pathlib import Path

import pytest

from woxly_tui._lib.logs import log_folder
from woxly_tui.cli.main import main
from woxly_tui.config import SETTINGS


@pytest.fixture
def file(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = home / "w.toml"
    path.write_text('[livekit]\nurl = "ws://localhost"\napi_key = "k"\napi_secret = "hush-hush"\n')
    path.chmod(0o600)
    monkeypatch.setenv("WOXLY_CONFIG", str(path))
    return path


def test_show_tells_each_value_and_its_origin(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WOXLY_NAME", "Ann\x1b[2J")
    assert main(["config", "show"]) == 0
    out = capsys.readouterr().out
    rows = {words[0]: words[1:] for line in out.splitlines() if (words := line.split())}
    assert rows["url"] == ["ws://localhost", f"{file}:2"]
    assert rows["api_secret"] == ["********", f"{file}:4"]
    assert rows["name"][-1] == "WOXLY_NAME"
    assert rows["backend"] == ["auto", "default"]
    assert f"key and secret from {file}:3 and {file}:4" in out
    assert "hush-hush" not in out
    assert "\x1b" not in out


@pytest.mark.usefixtures("file")
def test_show_json_has_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show", "--json"]) == 0
    out = capsys.readouterr().out
    shown = json.loads(out)
    names = [(row["section"], row["key"]) for row in shown["settings"]]
    assert names == [(setting.section, setting.key) for setting in SETTINGS]
    assert shown["exists"] is True
    assert "hush-hush" not in out


def test_show_works_with_nothing_configured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "show"]) == 0
    out = capsys.readouterr().out
    assert "(does not exist)" in out
    assert "joins with: nothing yet" in out


def test_path_names_file_and_logs(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "path"]) == 0
    assert capsys.readouterr().out == f"{file}\n"
    assert main(["config", "path", "--config", "/x.toml"]) == 0
    assert capsys.readouterr().out == "/x.toml\n"
    assert main(["config", "path", "--logs"]) == 0
    assert capsys.readouterr().out == f"{log_folder()}\n"


@pytest.mark.usefixtures("file")
def test_check_passes_what_join_would_take(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["config", "check"]) == 0
    assert "all in order" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[livekit]\nurll = "x"\n', 'did you mean "url"?'),
        ('[livekit]\nurl = "localhost"\n', "w.toml:2 has no scheme"),
        ('[livekit]\nurl = "ws://a"\napi_key = "k"\n', "w.toml:3 has no api_secret"),
        ('[livekit]\nurl = "ws://a"\ntoken = "t"\n[ui]\ntheme = "drak"\n', "did you mean dark"),
    ],
)
def test_check_finds_what_join_would_refuse(
    file: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    file.write_text(text)
    assert main(["config", "check"]) == 2
    assert said in capsys.readouterr().err
