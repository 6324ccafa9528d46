import os
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.media.worlds import LAPTOP, LAPTOP_MIC, MONITOR, world
from woxly_tui.media.devices import Answer, SoundServer
from woxly_tui.media.pulse_config import (
    OVER_SSH,
    cause_of,
    devices_meant,
    find_sound,
)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sound server")

Env = dict[str, str]


@pytest.fixture
def env(tmp_path: Path) -> Env:
    return {"HOME": str(tmp_path)}


@pytest.fixture
def forwarded(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / ".woxly" / "pulse.sock"
    path.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        yield path


def configuration(env: Env) -> str:
    return Path(env["PULSE_CLIENTCONFIG"]).read_text("utf-8")


def server(env: Env, when: Callable[[Env], SoundServer], asked: list[Env]) -> Callable[[], Answer]:
    """A sound server that judges by the environment."""

    def ask() -> Answer:
        asked.append(dict(env))
        return Answer(when(env))

    return ask


def tunnelled(env: Env) -> SoundServer:
    is_told = "PULSE_CLIENTCONFIG" in env and "enable-shm = no" in configuration(env)
    return SoundServer.ANSWERS if is_told else SoundServer.TUNNELLED


def test_a_server_that_answers_is_left_alone(env: Env) -> None:
    before, asked = dict(env), list[Env]()
    assert find_sound(env, server(env, lambda _: SoundServer.ANSWERS, asked)) is SoundServer.ANSWERS
    assert env == before
    assert len(asked) == 1


def test_a_tunnelled_server_gets_a_configuration_and_the_hint(env: Env) -> None:
    env["PULSE_SERVER"] = "unix:/tmp/relay"
    assert find_sound(env, server(env, tunnelled, [])) is SoundServer.ANSWERS
    assert configuration(env).endswith("autospawn = no\nenable-shm = no\n")
    assert env["PULSE_LATENCY_MSEC"] == "20"
    assert env["PULSE_SERVER"] == "unix:/tmp/relay"


def test_the_user_s_own_settings_stay_in_force(env: Env, tmp_path: Path) -> None:
    users = tmp_path / ".config/pulse/client.conf"
    part = users.with_name("client.conf.d") / "a.conf"
    part.parent.mkdir(parents=True)
    users.write_text("cookie-file = /c\n", "utf-8")
    part.write_text("default-sink = s\n", "utf-8")
    env["PULSE_LATENCY_MSEC"] = "60"
    find_sound(env, server(env, tunnelled, []))
    includes = [f".include {users}", f".include {part}"]
    assert configuration(env).splitlines()[:2] == includes
    assert env["PULSE_LATENCY_MSEC"] == "60"


def test_a_configuration_named_by_the_user_is_the_one_included(env: Env, tmp_path: Path) -> None:
    named = tmp_path / "mine.conf"
    named.write_text("", "utf-8")
    env["PULSE_CLIENTCONFIG"] = str(named)
    find_sound(env, server(env, tunnelled, []))
    assert configuration(env).splitlines()[0] == f".include {named}"


def test_where_nothing_answers_nothing_is_changed(env: Env) -> None:
    before, asked = dict(env), list[Env]()
    assert find_sound(env, server(env, lambda _: SoundServer.ABSENT, asked)) is SoundServer.ABSENT
    assert env == before
    assert len(asked) == 2


def test_silence_is_waited_for_once(env: Env) -> None:
    asked: list[Env] = []
    assert find_sound(env, server(env, lambda _: SoundServer.SILENT, asked)) is SoundServer.SILENT
    assert len(asked) == 1


def test_a_forwarded_socket_is_found_without_being_named(env: Env, forwarded: Path) -> None:
    find_sound(env, server(env, tunnelled, []))
    assert env["PULSE_SERVER"] == f"unix:{forwarded}"


def test_a_forwarded_socket_replaces_one_that_is_stale(env: Env, forwarded: Path) -> None:
    env["PULSE_SERVER"] = "unix:/tmp/of-yesterday"

    def only_forwarded(env: Env) -> SoundServer:
        is_it = env["PULSE_SERVER"] == f"unix:{forwarded}"
        return tunnelled(env) if is_it else SoundServer.ABSENT

    assert find_sound(env, server(env, only_forwarded, [])) is SoundServer.ANSWERS
    assert env["PULSE_SERVER"] == f"unix:{forwarded}"


def test_a_server_that_is_named_and_answers_comes_first(env: Env, forwarded: Path) -> None:
    assert forwarded.exists()
    env["PULSE_SERVER"] = "tcp:laptop"

    def distant() -> Answer:
        return Answer(SoundServer.ANSWERS, is_elsewhere=True)

    find_sound(env, distant)
    assert env["PULSE_SERVER"] == "tcp:laptop"
    assert "PULSE_CLIENTCONFIG" not in env
    assert env["PULSE_LATENCY_MSEC"] == "20"


def test_over_ssh_the_cause_names_both_remedies(env: Env) -> None:
    assert cause_of(SoundServer.ABSENT, env) == SoundServer.ABSENT.value
    env["SSH_CONNECTION"] = "10.0.0.1 50000 10.0.0.2 22"
    assert cause_of(SoundServer.ABSENT, env) == OVER_SSH
    assert cause_of(SoundServer.SILENT, env) == SoundServer.SILENT.value


def test_the_default_is_this_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert find_sound() in (SoundServer.ABSENT, SoundServer.NO_LIBRARY)
    assert os.environ["PULSE_SERVER"] == f"unix:{tmp_path}/none"


def test_the_devices_that_programs_are_given_are_told_with_their_settings() -> None:
    quiet = replace(LAPTOP, is_muted=True, percent=30)
    there = world(quiet, MONITOR, LAPTOP_MIC, microphone="laptop.monitor")
    told = devices_meant(there, {})
    assert told["speaker"] == {
        "variable": "",
        "is_there": True,
        "shown": "Laptop",
        "is_muted": True,
        "percent": 30,
        "is_monitor": False,
    }
    assert told["microphone"]["is_monitor"]
    named = devices_meant(there, {"PULSE_SOURCE": "gone"})
    assert named["microphone"] == {"variable": "PULSE_SOURCE", "is_there": False}
