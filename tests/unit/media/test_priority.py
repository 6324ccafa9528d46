"""What the system refuses changes nothing."""

import os
import sys
import threading

import pytest

from woxly_tui.media.priority import NICENESS, REALTIME, ask_for_process, ask_for_thread


def refuse(*_: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_who_may_not_goes_on_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "setpriority", refuse)
    monkeypatch.setattr(os, "sched_setscheduler", refuse, raising=False)
    assert not ask_for_process()
    assert not ask_for_thread()


def test_the_process_asks_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "setpriority", lambda *wish: asked.append(wish))
    assert ask_for_process()
    assert asked == [(os.PRIO_PROCESS, 0, NICENESS)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="no such priorities")
def test_a_thread_asks_for_itself_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[int, int]] = []

    def note(pid: int, _how: int, wish: os.sched_param) -> None:
        asked.append((pid, wish.sched_priority))

    monkeypatch.setattr(os, "sched_setscheduler", note)
    thread = threading.Thread(target=ask_for_thread)
    thread.start()
    thread.join()
    assert asked == [(0, REALTIME)]
