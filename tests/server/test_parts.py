"""The small parts: limits, languages, settings, keys."""

import json
import stat
from pathlib import Path

import pytest

from woxly_tui.errors import ConfigError, CredentialsMissing, UsageError
from woxly_tui.server.keys import FILE_NAME, load_keys
from woxly_tui.server.limiter import MAX_KEYS, Limiter, Rate
from woxly_tui.server.settings import DEFAULT_HOST, settings_from
from woxly_tui.server.texts import Language, Text, choose_language

RATE = Rate("test", 2, 10.0)


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def test_a_limit_says_how_long_to_wait_and_ends() -> None:
    clock = Clock()
    limiter = Limiter(monotonic=clock)
    assert [await limiter.hit(RATE, "a") for _ in range(3)] == [None, None, 10]
    clock.now += 4
    assert await limiter.hit(RATE, "a") == 6
    assert await limiter.hit(RATE, "b") is None
    clock.now += 6
    assert await limiter.hit(RATE, "a") is None


async def test_what_is_forgiven_counts_no_longer() -> None:
    limiter = Limiter(monotonic=Clock())
    for _ in range(3):
        await limiter.hit(RATE, "a")
    await limiter.forgive(RATE, "a")
    assert await limiter.hit(RATE, "a") is None


async def test_a_limit_s_memory_is_bounded() -> None:
    limiter = Limiter(monotonic=Clock())
    for key in range(MAX_KEYS + 10):
        await limiter.hit(RATE, key)
    assert len(limiter._windows) == MAX_KEYS


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, Language.RU),
        ("", Language.RU),
        ("*", Language.RU),
        ("de", Language.RU),
        ("en", Language.EN),
        ("en-US,en;q=0.9", Language.EN),
        ("ru;q=0.4, en;q=0.5", Language.EN),
        ("en;q=0.4, ru", Language.RU),
        ("en;q=nonsense", Language.RU),
        ("en;q=0", Language.RU),
        ("x" * 10_000 + ",en", Language.RU),
    ],
)
def test_the_language_is_chosen_as_browsers_ask(header: str | None, language: Language) -> None:
    assert choose_language(header) is language


def test_every_text_is_there_in_both_languages() -> None:
    for text in Text:
        russian, english = text.say(Language.RU), text.say(Language.EN)
        assert english.isascii(), text
        assert any("а" <= char <= "я" for char in russian.lower()), text


def test_settings_have_defaults_and_flags_beat_the_environment(tmp_path: Path) -> None:
    plain = settings_from({"WOXLY_SERVER_DATA": str(tmp_path)})
    assert (plain.host, plain.port, plain.livekit) == (DEFAULT_HOST, 3001, None)
    assert plain.database == f"sqlite:///{tmp_path}/woxly.db"
    env = {"PORT": "4000", "HOST": "::1", "FRONTEND_URL": "https://a.example/, https://b.example"}
    mixed = settings_from(env, port="4001", data=str(tmp_path))
    assert (mixed.host, mixed.port) == ("::1", 4001)
    assert mixed.origins == ("https://a.example", "https://b.example")


def test_a_livekit_server_of_ones_own_takes_three_values() -> None:
    env = {"LIVEKIT_URL": "https://x.livekit.cloud", "LIVEKIT_API_KEY": "k"}
    with pytest.raises(CredentialsMissing, match="LIVEKIT_API_SECRET not set"):
        settings_from(env)
    livekit = settings_from(env | {"LIVEKIT_API_SECRET": "s"}).livekit
    assert livekit is not None
    assert (livekit.api_url, livekit.public_url) == ("wss://x.livekit.cloud",) * 2
    assert "Secret('********')" in repr(livekit)


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "٣", "1e3"])
def test_odd_ports_are_refused(port: str) -> None:
    with pytest.raises(UsageError, match="port"):
        settings_from({}, port=port)


def test_keys_are_made_once_private_and_never_shown(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "data"
    keys = load_keys(folder)
    assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert load_keys(folder) == keys
    assert len({keys.access_secret, keys.refresh_secret, keys.livekit_secret}) == 3
    assert keys.access_secret not in repr(keys)
    assert [path.name for path in folder.iterdir()] == [FILE_NAME]


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "{}", '{"access_secret": 7}', "[" * 9999])
def test_damaged_keys_are_not_replaced(tmp_path: Path, text: str) -> None:
    path = tmp_path / FILE_NAME
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(ConfigError, match="damaged"):
        load_keys(tmp_path)
    assert path.read_text() == text


def test_keys_that_others_can_read_are_refused(tmp_path: Path) -> None:
    load_keys(tmp_path)
    (tmp_path / FILE_NAME).chmod(0o644)
    with pytest.raises(ConfigError) as refused:
        load_keys(tmp_path)
    assert "chmod 600" in refused.value.remedy


def test_a_short_secret_is_a_damaged_one(tmp_path: Path) -> None:
    load_keys(tmp_path)
    path = tmp_path / FILE_NAME
    path.write_text(json.dumps(json.loads(path.read_text()) | {"access_secret": "short"}))
    with pytest.raises(ConfigError, match="access_secret"):
        load_keys(tmp_path)
