from pathlib import Path

import pytest

from woxly_tui.config import (
    KeyGiven,
    Source,
    TokenGiven,
    choose_credentials,
    choose_key,
    load_config,
)
from woxly_tui.config.load import Loaded
from woxly_tui.errors import CredentialsMissing

KEY_ENV = {"LIVEKIT_API_KEY": "ek", "LIVEKIT_API_SECRET": "es"}
KEY_FLAGS = {"livekit.api_key": "fk", "livekit.api_secret": "fs"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def load(file: Path, flags: dict[str, str], env: dict[str, str], text: str = "") -> Loaded:
    file.write_text(text)
    typed: dict[str, str | bool | None] = dict(flags)
    return load_config(typed, config_flag=str(file), environ=env)


def test_flags_with_a_key_beat_a_token_of_the_environment(file: Path) -> None:
    given = choose_credentials(load(file, KEY_FLAGS, {"LIVEKIT_TOKEN": "t"}))
    assert isinstance(given, KeyGiven)
    assert (given.api_key, given.api_secret.reveal(), given.source) == ("fk", "fs", Source.FLAG)


def test_a_token_flag_beats_a_key_of_the_environment(file: Path) -> None:
    given = choose_credentials(load(file, {"livekit.token": "t"}, KEY_ENV))
    assert isinstance(given, TokenGiven)
    assert given.token.reveal() == "t"


def test_within_one_source_the_token_wins(file: Path) -> None:
    given = choose_credentials(load(file, {}, KEY_ENV | {"LIVEKIT_TOKEN": "t"}))
    assert isinstance(given, TokenGiven)


def test_the_file_comes_last(file: Path) -> None:
    text = '[livekit]\napi_key = "k"\napi_secret = "s"\n'
    given = choose_credentials(load(file, {}, {}, text))
    assert isinstance(given, KeyGiven)
    assert given.where == f"{file}:2 and {file}:3"


@pytest.mark.parametrize(
    ("flags", "env", "text", "said", "missing"),
    [
        ({"livekit.api_key": "k"}, {}, "", "--api-key has no api_secret", "set --api-secret"),
        ({"livekit.api_secret": "s"}, {}, "", "--api-secret has no api_key", "set --api-key"),
        ({"livekit.api_key": "k"}, KEY_ENV, "", "--api-key has no", "set --api-secret"),
        ({}, {"LIVEKIT_API_KEY": "k"}, "", "LIVEKIT_API_KEY has no", "set LIVEKIT_API_SECRET"),
        ({}, {"LIVEKIT_API_SECRET": "s"}, "", "LIVEKIT_API_SECRET has no", "set LIVEKIT_API_KEY"),
        (
            {},
            {},
            '[livekit]\napi_key = "k"\n',
            "config.toml:2 has no api_secret",
            "api_secret under",
        ),
    ],
)
def test_half_a_pair_says_which_half_is_missing_where(
    file: Path, flags: dict[str, str], env: dict[str, str], text: str, said: str, missing: str
) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        choose_credentials(load(file, flags, env, text))
    assert "LiveKit API credentials not configured" in caught.value.message
    assert said in caught.value.message
    assert missing in caught.value.remedy


def test_nothing_configured_names_the_variables(file: Path) -> None:
    with pytest.raises(CredentialsMissing) as caught:
        choose_credentials(load(file, {}, {}))
    assert "LiveKit API credentials not configured: set LIVEKIT_API_KEY" in caught.value.message
    assert "LIVEKIT_TOKEN" in caught.value.message
    assert str(file) in caught.value.remedy


def test_a_token_cannot_mint(file: Path) -> None:
    with pytest.raises(CredentialsMissing, match="a token cannot make another"):
        choose_key(load(file, {"livekit.token": "t"}, {}))
    assert choose_key(load(file, {"livekit.token": "t"}, KEY_ENV)).api_key == "ek"
