"""The quick way to an engine says and reads what the other ways do."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.engine_server import EngineServer, muted
from tests.tui.fake_engine import in_call
from tests.unit.control.full_queue import FullQueue
from woxly_tui.call.snapshot import ChatMessage, Notice, Severity
from woxly_tui.control.direct import DirectLink
from woxly_tui.control.frames import Refused
from woxly_tui.control.messages import UPDATES, SetMute
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError
from woxly_tui.types import Identity, Seconds

LONG_S = 5.0


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EngineServer]:
    with EngineServer(tmp_path / "run") as server:
        yield server


def next_update(updates: Iterator[dict[str, Any] | None]) -> dict[str, Any]:
    update = next(updates)
    assert update is not None, "nothing came"
    return update


def test_a_command_is_carried_out_and_answered(engine: EngineServer) -> None:
    with DirectLink(str(engine.path)) as link:
        reply = link.ask({"type": "set_mute", "on": True})
        assert reply["ok"] is True
        assert reply["snapshot"]["microphone"]["state"] == "muted"
        assert link.ask({"type": "get_snapshot"})["snapshot"]["room"] == "standup"
    assert engine.sent[0] == SetMute(on=True)


def test_updates_are_the_state_then_the_chat_then_changes(engine: EngineServer) -> None:
    said = ChatMessage(1, Identity("id-ann"), "ann", "hello", Seconds(0.0))
    engine.history.append(said)
    with DirectLink(str(engine.path)) as link:
        updates = link.updates(LONG_S)
        assert next_update(updates) == UPDATES.to_dict(in_call())
        assert next_update(updates) == UPDATES.to_dict(said)
        engine.put(replace(muted(engine.snapshot, True), rev=2))
        changed = next_update(updates)
        assert changed == UPDATES.to_dict(engine.snapshot)
        engine.put(Notice(Severity.INFO, "something"))
        assert next_update(updates)["text"] == "something"


def test_in_silence_the_listener_may_look_up(engine: EngineServer) -> None:
    with DirectLink(str(engine.path)) as link:
        updates = link.updates(0.01)
        assert next_update(updates)["type"] == "snapshot"
        assert next(updates) is None
        engine.put(Notice(Severity.INFO, "still here"))
        later = (update for update in updates if update is not None)
        assert next(later)["text"] == "still here"


def test_updates_end_with_the_engine(tmp_path: Path) -> None:
    with EngineServer(tmp_path / "run") as server:
        link = DirectLink(str(server.path))
        updates = link.updates(LONG_S)
        next_update(updates)
    assert list(updates) == []
    link.close()


def test_no_engine_is_no_call(tmp_path: Path) -> None:
    with pytest.raises(NoEngine, match="no call"):
        DirectLink(str(tmp_path / "run" / "engine.sock"))


def test_a_socket_that_nobody_serves_any_more_is_no_call(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as stale:
        stale.bind(str(path))
    with pytest.raises(NoEngine, match="no call"):
        DirectLink(str(path))


def test_a_call_that_an_engine_died_in_is_mentioned(tmp_path: Path) -> None:
    call = tmp_path / "engine.call"
    call.write_text('{"join": {"room": "standup"}}')
    with pytest.raises(NoEngine, match="died in a call in standup"):
        DirectLink(str(tmp_path / "engine.sock"), str(call))


def test_a_refusal_is_told_in_the_engine_s_words(engine: EngineServer) -> None:
    engine.protocol_refusal = Refused("this woxly is too old", "install a newer one")
    with pytest.raises(EngineLost, match="too old: install"):
        DirectLink(str(engine.path))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (b"SSH-2.0-OpenSSH\n", "no engine of woxly"),
        (b"[1]\n", "no engine of woxly"),
        (b'{"type":"welcome","protocol":99,"version":"9","pid":7}\n', "do not understand"),
        (b'{"type":"response","id":1}\n', "must be `welcome`"),
    ],
)
def test_what_is_no_engine_of_ours_is_recognised(tmp_path: Path, answer: bytes, said: str) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                link.recv(1000)
                link.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        with pytest.raises(ProtocolError, match=said):
            DirectLink(str(path))
        thread.join()


def test_a_command_waits_for_its_place_in_a_queue_that_is_full(tmp_path: Path) -> None:
    with contextlib.closing(FullQueue(tmp_path / "s")) as queue:
        opening = threading.Thread(target=queue.open)
        opening.start()
        DirectLink(queue.path).close()
        opening.join(LONG_S)


def test_updates_that_are_refused_do_not_just_end(tmp_path: Path) -> None:
    path = tmp_path / "engine.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()

        def serve() -> None:
            link, _ = listener.accept()
            with link:
                link.recv(1000)
                link.sendall(b'{"type":"welcome","protocol":1,"version":"9","pid":7}\n')
                link.recv(1000)
                link.sendall(b'{"type":"refused","message":"too many","remedy":"close some"}\n')

        thread = threading.Thread(target=serve)
        thread.start()
        with DirectLink(str(path)) as link, pytest.raises(EngineLost, match="too many"):
            list(link.updates(LONG_S))
        thread.join()
