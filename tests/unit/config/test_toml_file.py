import os
from pathlib import Path

import pytest

from woxly_tui.config.toml_file import MAX_BYTES, load_file
from woxly_tui.errors import ConfigError


def write(tmp_path: Path, text: str | bytes, mode: int = 0o600) -> Path:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def test_an_absent_file_holds_nothing(tmp_path: Path) -> None:
    file = load_file(tmp_path / "none.toml", must_exist=False)
    assert not file.exists
    assert not file.values


def test_an_absent_file_that_was_asked_for_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml does not exist"):
        load_file(tmp_path / "none.toml", must_exist=True)


def test_a_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_file(tmp_path, must_exist=False)


def test_a_huge_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="too large"):
        load_file(write(tmp_path, "#" * (MAX_BYTES + 1)), must_exist=True)


@pytest.mark.skipif(os.name != "posix", reason="devices")
def test_what_never_ends_is_not_read_for_ever() -> None:
    with pytest.raises(ConfigError, match="too large"):
        load_file(Path("/dev/zero"), must_exist=True)


def test_values_carry_their_line(tmp_path: Path) -> None:
    text = '\n[livekit]\n# url = "old"\nurl = "ws://a"\n\n[call]\nmuted = true\n'
    file = load_file(write(tmp_path, text), must_exist=True)
    assert {path: (str(v.value), v.line) for path, v in file.values.items()} == {
        "livekit.url": ("ws://a", 4),
        "call.muted": ("True", 7),
    }


@pytest.mark.parametrize(
    ("text", "line", "message", "remedy"),
    [
        ('[livekit]\napi_kee = "k"\n', 2, "unknown key 'api_kee' in [livekit]", '"api_key"'),
        ('[livekit]\nurl = ""\nname = "x"\n', 3, "unknown key 'name'", "goes under [you]"),
        ('[you]\nzzz = "x"\n', 2, "unknown key 'zzz'", "[you] knows name"),
        ("[lifekit]\n", 1, "unknown section [lifekit]", '"livekit"'),
        ("\n[qqq]\n", 2, "unknown section [qqq]", "[audio], [call]"),
        ('url = "ws://a"\n', 1, "outside any section", "url goes under [livekit]"),
        ("livekit = 3\n", 1, "livekit must be a section", "write [livekit]"),
        ('[call]\nmuted = "yes"\n', 2, "[call] muted must be true or false, not 'yes'", ""),
        ("[you]\n\nname = 7\n", 3, "[you] name must be text in quotes", ""),
        ("[audio]\nmaster_percent = 201\n", 2, "a whole number from 0 to 200, not 201", ""),
        ("[audio]\nmaster_percent = 80.5\n", 2, "a whole number from 0 to 200, not 80.5", ""),
        ("[audio]\nmaster_percent = true\n", 2, "a whole number from 0 to 200, not True", ""),
        ("[audio]\nmic_gain_db = nan\n", 2, "a number from -20 to 20, not nan", ""),
        ('[audio]\nmic_gain_db = "6"\n', 2, "a number from -20 to 20, not '6'", ""),
        ('[audio]\nbackend = "nativ"\n', 2, "must be auto, native, mixer or null", '"native"'),
        ("[livekit]\nurl = ws://a\n", 2, "not valid TOML", "quotes"),
        ("[livekit]\nurl = 'a'\nurl = 'b'\n", 3, "not valid TOML", ""),
        ('livekit.api_kee = "k"\n', 1, "unknown key 'api_kee'", '"api_key"'),
        ('# x\nlivekit = {api_kee = "k"}\n', 2, "unknown key 'api_kee'", '"api_key"'),
        ('[["livekit"]]\nurl = ""\n', 1, "livekit must be a section", ""),
        (b"[you]\nname = '\xff'\n", 2, "not UTF-8", ""),
    ],
)
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, text: str | bytes, line: int, message: str, remedy: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_file(path, must_exist=True)
    assert caught.value.message.startswith(f"{path}:{line}: ")
    assert message in caught.value.message
    assert remedy in caught.value.remedy


def test_a_secret_of_the_wrong_type_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_file(write(tmp_path, "[livekit]\napi_secret = 4711\n"), must_exist=True)
    assert "4711" not in str(caught.value)


def test_deep_nesting_is_an_error_not_a_crash(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load_file(write(tmp_path, "x = " + "[" * 100_000), must_exist=True)


def test_a_byte_order_mark_is_forgiven(tmp_path: Path) -> None:
    path = write(tmp_path, b"\xef\xbb\xbf[you]\nname = 'Ann'\n")
    assert load_file(path, must_exist=True).values["you.name"].value == "Ann"


@pytest.mark.skipif(os.name != "posix", reason="file modes")
@pytest.mark.parametrize(
    ("text", "mode", "is_warned"),
    [
        ('[livekit]\napi_secret = "s"\n', 0o644, True),
        ('[livekit]\ntoken = "t"\n', 0o640, True),
        ('[livekit]\napi_secret = "s"\n', 0o600, False),
        ('[livekit]\napi_secret = ""\nurl = "ws://a"\n', 0o644, False),
    ],
)
def test_others_who_can_read_a_secret_are_warned_of(
    tmp_path: Path, text: str, mode: int, *, is_warned: bool
) -> None:
    path = write(tmp_path, text, mode)
    warning = load_file(path, must_exist=True).warning
    assert (f"chmod 600 {path}" in warning) is is_warned
