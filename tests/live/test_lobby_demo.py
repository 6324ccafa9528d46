"""`woxly demo --lobby`: friends answer, refuse, call and sit there; nothing of it is left."""

import os
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.rig.process import LineProcess, Message, descendants, python_module
from tests.rig.pulse import clean_env

pytestmark = pytest.mark.live

START_S = 90.0


class Demo(LineProcess):
    """One, without a screen and without sound."""

    def __init__(self, folder: Path, runtime: str) -> None:
        self.folder = folder
        env = clean_env() | {"HOME": str(folder), "WOXLY_RUNTIME_DIR": runtime}
        env |= {"WOXLY_BACKEND": "null", "WOXLY_NAME": "guest", "TMPDIR": str(folder / "tmp")}
        (folder / "tmp").mkdir()
        words = ("demo", "--lobby", "--headless")
        super().__init__("demo", python_module("woxly_tui.cli.main", *words), env)
        self.friends: dict[str, int] = {}

    def state(self, what: str, is_so: Callable[[dict[str, Any]], object], since: int) -> Message:
        """The first state of the lobby that is so."""
        return self.wait_for(
            what, lambda m: m["type"] == "lobby_state" and bool(is_so(m)), 60.0, since
        )

    def until_all_are_there(self) -> None:
        def are_there(message: Message) -> bool:
            if message["type"] != "friends_listed":
                return False
            listed = message["friends"]
            self.friends = {one["person"]["name"]: one["person"]["user"] for one in listed}
            return len(listed) == 4 and all(one["presence"] == "online" for one in listed)

        self.wait_for("everybody", are_there, START_S)


def test_four_friends_behave_and_nothing_of_them_is_left(tmp_path: Path) -> None:
    with (
        tempfile.TemporaryDirectory(prefix="wx") as runtime,
        Demo(tmp_path, runtime) as demo,
    ):
        demo.until_all_are_there()
        demo.send({"type": "call_friend", "user": demo.friends["Annie"]})
        demo.state("Annie's answer", lambda m: m["rings"]["phase"] == "talking", 0)
        demo.wait_for(
            "her voice",
            lambda m: m["type"] == "snapshot" and len(m["participants"]) == 2,
            30.0,
        )
        since = len(demo.messages)
        demo.send({"type": "hang_up"})
        demo.state("the end", lambda m: m["rings"]["phase"] == "idle", since)
        since = len(demo.messages)
        demo.send({"type": "call_friend", "user": demo.friends["Benny"]})
        over = demo.state(
            "Benny's no", lambda m: (m["rings"]["ending"] or {}).get("outcome") == "declined", since
        )
        assert over["rings"]["ending"]["user"] == demo.friends["Benny"]
        demo.wait_for(
            "his excuse",
            lambda m: m["type"] == "rooms_listed" and "later" in str(m["rooms"]),
            30.0,
        )
        rung = demo.state("Clara's ring", lambda m: m["rings"]["incoming"], 0)
        assert rung["rings"]["incoming"][0]["caller"] == demo.friends["Clara"]
        demo.wait_for(
            "who sits in the kitchen",
            lambda m: (
                m["type"] == "rooms_listed"
                and any(r["name"] == "kitchen" and r["live"] for r in m["rooms"])
            ),
            30.0,
        )
        started = descendants(demo.pid)
        assert len(started) >= 4
        demo.signal(signal.SIGINT)
        assert demo.wait_exit(30.0) == 0
        assert [pid for pid in started if _runs(pid)] == []
        assert os.listdir(runtime) == []  # noqa: PTH208 - names are enough
        assert list((tmp_path / "tmp").glob("woxly-*")) == []
        assert list(tmp_path.rglob("accounts.json")) == []


def _runs(pid: int) -> bool:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return text[text.rindex(")") + 2] != "Z"
