"""What a worker gets of the environment; the process itself is in tests/process/engine."""

import pytest

from woxly_tui.engine.media_link import _worker_env


def test_variables_about_sound_are_those_of_the_call_and_of_nobody_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PULSE_SERVER", "unix:/of/the/first/terminal")
    monkeypatch.setenv("LIVEKIT_API_SECRET", "hush")
    env = _worker_env({"XDG_RUNTIME_DIR": "/run/here", "PATH": "/elsewhere"})
    assert "PULSE_SERVER" not in env
    assert env["XDG_RUNTIME_DIR"] == "/run/here"
    assert env["PATH"] != "/elsewhere"
    assert "LIVEKIT_API_SECRET" not in env
    assert _worker_env({})["PULSE_SERVER"] == "unix:/of/the/first/terminal"
