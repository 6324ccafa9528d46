"""What a call survives: its worker, its server, its sound."""

import os
import signal
import time

import pytest

from tests.rig.process import Message, wait_gone
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, assert_silent, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import is_established, is_muted, is_open, is_reconnecting, sees

pytestmark = pytest.mark.live


def test_a_killed_worker_is_back_and_still_muted(scene: Scene) -> None:
    scene.talk("ann")
    start_s = time.monotonic()
    ann = scene.woxly("ann", "--muted")
    wire = scene.peer()
    ann.wait_muted()
    worker = ann.worker_pid
    os.kill(worker, signal.SIGKILL)
    trouble = ann.wait_state("reconnecting", is_reconnecting, 2)
    assert trouble["trouble"]
    ann.wait_state("muted again", is_muted, 8)
    assert ann.worker_pid != worker
    time.sleep(1.0)
    assert_silent(wire.heard("ann").between(start_s, time.monotonic()), "ann")
    asked_s = ann.ask("set_mute", on=False)["_asked"]
    wait_loud(wire.heard("ann").between, 3, since_s=asked_s)
    ann.finish()


def test_a_killed_worker_comes_back_open_if_it_was(scene: Scene) -> None:
    scene.talk("ann")
    ann = scene.woxly("ann")
    wire = scene.peer()
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    os.kill(ann.worker_pid, signal.SIGKILL)
    killed_s = time.monotonic()
    ann.wait_state("reconnecting", is_reconnecting, 2)
    ann.wait_state("open again", is_open, 8)
    wait_loud(wire.heard("ann").between, 5, since_s=killed_s + 0.5)
    ann.finish()


def test_a_stopped_worker_is_replaced(scene: Scene) -> None:
    ann = scene.woxly("ann", "--muted")
    ann.wait_muted()
    worker = ann.worker_pid
    os.kill(worker, signal.SIGSTOP)
    ann.wait_state("reconnecting", is_reconnecting, 8)
    ann.wait_state("muted again", is_muted, 8)
    wait_gone([worker], 1)
    ann.finish()


def test_a_restarted_server_has_us_back_as_we_were(
    own_sfu: LiveKitServer, sound: SoundServer
) -> None:
    with Scene(own_sfu, sound) as scene:
        scene.talk("ann")
        ann = scene.woxly("ann", "--muted")
        ann.wait_muted()
        own_sfu.kill()
        time.sleep(3)
        trouble = ann.wait_state("reconnecting", is_reconnecting, 15)
        assert trouble["trouble"]
        own_sfu.start()
        start_s = time.monotonic()
        wire = scene.peer()
        wire.publish()
        ann.wait_state("muted again, wire in the call", _is_muted_with_wire, 30)
        own_sfu.wait_identities(scene.room, {"ann", "wire"})
        time.sleep(1.0)
        assert_silent(wire.heard("ann").between(start_s, time.monotonic()), "ann")
        asked_s = ann.ask("set_mute", on=False)["_asked"]
        wait_loud(wire.heard("ann").between, 3, since_s=asked_s)
        ann.finish()


def test_without_a_sound_server_the_call_works_and_says_so(scene: Scene) -> None:
    ann = scene.woxly("ann", devices=False)
    joined = ann.wait_state("a call without sound", is_established, 15)
    bob = scene.woxly("bob")
    bob.wait_live()
    snapshot = ann.wait_state("bob", sees("bob", is_muted=False), 5)
    assert snapshot["microphone"]["state"] == "absent"
    assert snapshot["microphone"]["backend"] == "null"
    assert snapshot["microphone"]["cause"], joined
    bob.wait_state("ann without microphone", sees("ann", has_microphone=False), 5)
    ann.ask("set_deafen", on=True)
    bob.wait_state("ann deafened", sees("ann", is_deafened=True), 5)
    ann.finish()
    bob.finish()


def test_a_sound_server_that_dies_is_told_and_survived(
    sfu: LiveKitServer, own_sound: SoundServer
) -> None:
    with Scene(sfu, own_sound) as scene:
        wire = scene.peer()
        ann = scene.woxly("ann")
        ann.wait_live()
        own_sound.kill()
        ann.wait_state("no microphone, and why", _is_without_microphone, 30)
        assert "ann" in sfu.identities(scene.room)
        wire.wait_for("ann", lambda m: m["type"] in {"came", "present"})
        ann.finish()


def _is_muted_with_wire(snapshot: Message) -> bool:
    return is_muted(snapshot) and sees("wire")(snapshot)


def _is_without_microphone(snapshot: Message) -> bool:
    microphone = snapshot["microphone"]
    is_absent = is_established(snapshot) and microphone["state"] == "absent"
    return bool(is_absent and microphone["backend"] == "null" and microphone["cause"])
