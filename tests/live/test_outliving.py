"""The call outlives its front ends, and the microphone never outlives its engine."""

import os
import signal
import time

import pytest

from tests.rig.process import wait_gone
from tests.rig.scene import SILENCE_DBFS, Scene, assert_silent, wait_loud
from tests.rig.woxly import Woxly

pytestmark = pytest.mark.live


def kill_engine(ann: Woxly) -> float:
    """Kill the engine, demand that its worker goes too; returns when it was killed."""
    engine, worker = ann.engine_pid, ann.worker_pid
    killed_s = time.monotonic()
    os.kill(engine, signal.SIGKILL)
    wait_gone([engine, worker], 1.0)
    assert ann.wait_exit(5) == 1
    return killed_s


def test_an_engine_killed_while_open_is_back_open(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    ann = scene.woxly("ann")
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    killed_s = kill_engine(ann)
    wire.wait_for("ann gone", lambda m: m["type"] == "went" and m["identity"] == "ann")
    time.sleep(0.5)
    loud = wire.heard("ann").loud_times(SILENCE_DBFS, killed_s)
    assert not loud or loud[-1] - killed_s < 1.0
    assert "died in a call" in ann.verb("status", code=None)
    asked_s = time.monotonic()
    ann.verb("rejoin")
    wait_loud(wire.heard("ann").between, 10, since_s=asked_s)


def test_an_engine_killed_while_muted_is_back_muted(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    ann = scene.woxly("ann")
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    ann.ask("set_mute", on=True)
    time.sleep(1.0)
    muted_s = time.monotonic()
    kill_engine(ann)
    ann.verb("rejoin")
    deadline = time.monotonic() + 15
    while "muted" not in (said := ann.verb("status", code=None)) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert "muted" in said
    time.sleep(1.0)
    assert_silent(wire.heard("ann").between(muted_s, time.monotonic()), "ann")
    asked_s = time.monotonic()
    ann.verb("mute", "off")
    wait_loud(wire.heard("ann").between, 5, since_s=asked_s)


def test_sound_goes_on_while_front_ends_come_and_die(scene: Scene) -> None:
    wire = scene.peer()
    scene.talk("ann")
    ann = scene.woxly("ann")
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    for _ in range(3):
        watching = ann.another("watch", "--json")
        watching.wait_for("a state", lambda m: bool(m), 5)
        watching.signal(signal.SIGKILL)
        watching.wait_exit(5)
        ann.verb("status", code=None)
        watching.close()
    wait_loud(wire.heard("ann").between, 2, since_s=time.monotonic())
    ann.ask("set_mute", on=True)
    assert "muted" in ann.verb("status", code=None)
    ann.finish()
