"""How calls end: exit codes, last words, and that nothing is left running."""

import os
import signal
import time

import pytest

from tests.rig.process import wait_gone
from tests.rig.scene import SILENCE_DBFS, Scene, wait_loud
from tests.rig.sfu import LiveKitServer, find_binary
from tests.rig.woxly import WORKER_END_S, Woxly
from woxly_tui.errors import ExitCode

pytestmark = pytest.mark.live

NO_SOUND = ("--backend", "null")


def end_of(woxly: Woxly, timeout_s: float = 10.0) -> tuple[int, str]:
    """Exit code, and all the `error` line says; demands a remedy and no traceback."""
    code = woxly.wait_exit(timeout_s)
    error = woxly.wait_type("error", 0.1)
    assert error["code"] == code
    assert error["remedy"], woxly.describe("an error without a remedy")
    assert "Traceback" not in woxly.stderr()
    assert not woxly.garbage
    return code, f"{error['message']}: {error['remedy']}"


@pytest.mark.parametrize(
    ("grants", "word"),
    [
        ({"secret": "x" * 48}, "secret"),
        ({"ttl_s": -3600}, "expired"),
        ({"roomJoin": False}, "join"),
    ],
    ids=["foreign", "expired", "not-allowed"],
)
def test_a_token_the_server_refuses(
    scene: Scene, grants: "dict[str, str | int | bool]", word: str
) -> None:
    token = scene.sfu.token(scene.room, "ann", **grants)  # type: ignore[arg-type] # one dict for all
    code, said = end_of(scene.woxly("ann", *NO_SOUND, token=token))
    assert code == ExitCode.TOKEN
    assert word in said


def test_a_token_that_is_none(scene: Scene) -> None:
    nonsense = "not.a.token"
    code, _ = end_of(scene.woxly("ann", *NO_SOUND, token=nonsense))
    assert code == ExitCode.TOKEN


def test_no_server_at_the_address(scene: Scene) -> None:
    nobody = LiveKitServer(find_binary())
    try:
        with Scene(nobody, scene.sound) as empty:
            code, said = end_of(empty.woxly("ann", *NO_SOUND), 20)
    finally:
        nobody.close()
    assert code == ExitCode.UNREACHABLE
    assert str(nobody.port) in said


def test_the_same_identity_elsewhere_ends_this_one_for_good(scene: Scene) -> None:
    first = scene.woxly("ann", *NO_SOUND)
    first.wait_type("joined", 15)
    second = scene.woxly("ann", *NO_SOUND)
    second.wait_type("joined", 15)
    code, _ = end_of(first)
    assert code == ExitCode.EVICTED
    time.sleep(1.5)
    assert second.snapshot is not None
    assert second.snapshot["phase"] == "established"
    scene.sfu.wait_identities(scene.room, {"ann"})
    second.finish()


def test_a_moderator_removes_us(scene: Scene) -> None:
    ann = scene.woxly("ann", *NO_SOUND)
    ann.wait_type("joined", 15)
    scene.sfu.ask("RemoveParticipant", room=scene.room, identity="ann")
    code, _ = end_of(ann)
    assert code == ExitCode.REMOVED
    scene.sfu.wait_identities(scene.room, set())


def test_the_room_is_closed(scene: Scene) -> None:
    ann = scene.woxly("ann", *NO_SOUND)
    ann.wait_type("joined", 15)
    scene.sfu.ask("DeleteRoom", room=scene.room)
    code, _ = end_of(ann)
    assert code == ExitCode.ROOM_CLOSED
    assert scene.sfu.ask("ListRooms", names=[scene.room]).get("rooms", []) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_leaves_cleanly(scene: Scene, number: signal.Signals) -> None:
    ann = scene.woxly("ann")
    ann.wait_live()
    everyone = ann.processes()
    asked_s = ann.signal(number)
    assert ann.wait_exit(5) == 0
    assert ann.messages[-1]["type"] == "left"
    assert ann.messages[-1]["reason"] == "left"
    assert wait_gone(everyone, WORKER_END_S) - asked_s < 4
    scene.sfu.wait_identities(scene.room, set())
    ann.check_clean()


def test_leave_on_standard_input(scene: Scene) -> None:
    ann = scene.woxly("ann")
    ann.wait_live()
    everyone = ann.processes()
    ann.send({"type": "leave"})
    assert ann.wait_exit(5) == 0
    assert ann.messages[-1]["type"] == "left"
    wait_gone(everyone, WORKER_END_S)
    scene.sfu.wait_identities(scene.room, set())


@pytest.mark.parametrize("who", ["front end", "engine"])
def test_whoever_is_killed_the_microphone_is_closed(scene: Scene, who: str) -> None:
    wire = scene.peer()
    scene.talk("ann")
    ann = scene.woxly("ann")
    ann.wait_live()
    wait_loud(wire.heard("ann").between)
    everyone = ann.processes()
    assert ann.worker_pid in everyone
    if who == "engine":
        killed_s = time.monotonic()
        os.kill(ann.engine_pid, signal.SIGKILL)
    else:
        killed_s = ann.signal(signal.SIGKILL)
    wait_gone(everyone, 1.0)
    wire.wait_for("ann gone", lambda m: m["type"] == "went" and m["identity"] == "ann")
    time.sleep(0.5)
    loud = wire.heard("ann").loud_times(SILENCE_DBFS, killed_s)
    assert not loud or loud[-1] - killed_s < 1.0
