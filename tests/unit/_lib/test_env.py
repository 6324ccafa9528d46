import os

import pytest

from woxly_tui._lib.env import child_env, sound_env

CREDENTIALS = ("LIVEKIT_URL", "LIVEKIT_API_KEY", "LIVEKIT_API_SECRET", "LIVEKIT_TOKEN")


@pytest.mark.parametrize("name", CREDENTIALS)
def test_a_child_gets_no_credential(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "mine")
    assert name not in child_env()
    assert os.environ[name] == "mine"


def test_a_child_gets_the_rest_and_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    env = child_env(LIVEKIT_CONFIG="{}", HTTPS_PROXY="")
    assert (env["LIVEKIT_CONFIG"], env["HTTPS_PROXY"]) == ("{}", "")
    assert child_env() == child_env(HTTPS_PROXY="http://proxy")


def test_what_decides_where_sound_goes() -> None:
    environ = {"PULSE_SERVER": "unix:/s", "HOME": "/home/ann", "XDG_RUNTIME_DIR": "/run/user/1"}
    assert sound_env(environ) == {"PULSE_SERVER": "unix:/s", "XDG_RUNTIME_DIR": "/run/user/1"}
