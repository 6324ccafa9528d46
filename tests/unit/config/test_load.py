from pathlib import Path

import pytest

from woxly_tui.config import Source, config_path, load_config
from woxly_tui.config.settings import SETTINGS, Setting
from woxly_tui.errors import ConfigError, UsageError


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text('[livekit]\nurl = "ws://file"\n[you]\nname = "File"\n[call]\nmuted = true\n')
    return str(path)


def test_flag_beats_environment_beats_file_beats_default(file: str) -> None:
    loaded = load_config(
        {"livekit.url": "ws://flag"},
        config_flag=file,
        environ={"LIVEKIT_URL": "ws://env", "WOXLY_NAME": "Env"},
    )
    assert loaded.config.livekit.url == "ws://flag"
    assert loaded.config.you.name == "Env"
    assert loaded.config.call.muted is True
    assert loaded.config.audio.backend == "auto"
    origins = {
        path: (loaded.found(path).source, loaded.found(path).where)
        for path in ("livekit.url", "you.name", "call.muted", "audio.backend")
    }
    assert origins == {
        "livekit.url": (Source.FLAG, "--url"),
        "you.name": (Source.ENVIRONMENT, "WOXLY_NAME"),
        "call.muted": (Source.FILE, f"{file}:6"),
        "audio.backend": (Source.DEFAULT, "default"),
    }


def _other_than_default(setting: Setting) -> str:
    if setting.kind is bool:
        return "false" if setting.default else "true"
    if setting.kind in (int, float):
        return "7"
    others = [choice for choice in setting.source.choices if choice != setting.default]
    return others[0] if others else "something else"


def test_every_setting_reaches_whoever_reads_the_settings() -> None:
    environ = {s.source.env: _other_than_default(s) for s in SETTINGS}
    config = load_config(environ=environ).config
    ignored = [
        setting.path
        for setting in SETTINGS
        if getattr(getattr(config, setting.section), setting.key) == setting.default
    ]
    assert ignored == []


def test_every_source_stays_visible(file: str) -> None:
    loaded = load_config(config_flag=file, environ={"LIVEKIT_URL": "ws://env"})
    offer = loaded.offer("livekit.url", Source.FILE)
    assert offer is not None
    assert offer.value == "ws://file"
    assert loaded.offer("livekit.url", Source.FLAG) is None


def test_an_empty_variable_is_unset(file: str) -> None:
    loaded = load_config(config_flag=file, environ={"LIVEKIT_URL": " ", "WOXLY_MUTED": ""})
    assert loaded.config.livekit.url == "ws://file"
    assert loaded.config.call.muted is True


def test_an_empty_flag_is_an_error(file: str) -> None:
    with pytest.raises(UsageError, match="--token is empty"):
        load_config({"livekit.token": ""}, config_flag=file, environ={})


@pytest.mark.parametrize(
    ("word", "value"), [("1", True), ("yes", True), ("0", False), ("Off", False)]
)
def test_switches_in_the_environment(word: str, *, value: bool) -> None:
    loaded = load_config(environ={"WOXLY_MUTED": word, "XDG_CONFIG_HOME": "/nowhere"})
    assert loaded.config.call.muted is value


@pytest.mark.parametrize(
    ("variable", "word", "message"),
    [
        ("WOXLY_MUTED", "maybe", "WOXLY_MUTED must be 1 or 0, not 'maybe'"),
        ("WOXLY_BACKEND", "alsa", "WOXLY_BACKEND must be auto, native, mixer or null"),
        ("WOXLY_LOG_LEVEL", "loud", "WOXLY_LOG_LEVEL must be debug, info, warning or error"),
    ],
)
def test_a_wrong_variable_is_named(variable: str, word: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        load_config(environ={variable: word})


def test_where_the_file_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_path(None, {}).name == "config.toml"
    assert tmp_path in config_path(None, {}).parents
    assert config_path(None, {"WOXLY_CONFIG": "~/w.toml"}) == tmp_path / "w.toml"
    assert config_path("/f.toml", {"WOXLY_CONFIG": "/v.toml"}) == Path("/f.toml")


def test_a_file_named_by_the_environment_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="does not exist"):
        load_config(environ={"WOXLY_CONFIG": str(tmp_path / "gone.toml")})
