"""One user with two call screens, verbs, a talking microphone, and a listener on the wire."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.chaos.screens import Screen
from tests.rig.analysis import RATE_HZ, find_chirps
from tests.rig.process import (
    command_line,
    descendants,
    engines,
    kill_engines,
    python_module,
    wait_gone,
)
from tests.rig.pulse import Playing, clean_env
from tests.rig.scene import CHIRP, SILENCE_DBFS, Scene
from tests.rig.woxly import WORKER_MODULE, home_env

ORPHAN_LIMIT_S: Final = 1.0
"""After the engine's death, the microphone sends nothing any more from then on."""

AGREE_LIMIT_S: Final = 5.0
"""From a change, or from the last kill, until every front end shows what is."""

BACK_LIMIT_S: Final = 30.0
"""Longest return of a call after anything was killed."""

_SETTLE_S: Final = 0.5
"""Sound on its way, jitter buffer included."""

_LISTEN_S: Final = 1.5
"""Three chirps long."""


class Stage:
    """Ann's machine, and the wire.

    Args:
        scene: Room and devices.
        home: Folder for Ann's files.
    """

    def __init__(self, scene: Scene, home: Path) -> None:
        self._scene = scene
        self.folder: Final = home / "run"
        self.env: Final = {
            **clean_env(),
            **home_env(home),
            **scene.devices("ann").env,
            "LIVEKIT_URL": scene.sfu.url,
            "LIVEKIT_API_KEY": scene.sfu.key,
            "LIVEKIT_API_SECRET": scene.sfu.secret,
        }
        self.wants_muted = False
        self.wants_deafened = False
        self._talk: Playing | None = None
        self._talks_until_s = 0.0
        self.screens: list[Screen] = [self._screen("join", scene.room, "--identity", "ann")]
        self.screens[0].wait_word("LIVE", BACK_LIMIT_S)
        self.screens.append(self._screen())
        self.wire = scene.peer()

    # What runs

    def _screen(self, *args: str) -> Screen:
        return Screen(python_module("woxly_tui.cli.main", *args), self.env)

    def another_screen(self, index: int) -> None:
        """Attach a fresh call screen in the place of one that is gone."""
        screen = self.screens[index] = self._screen()
        screen.wait_begun(BACK_LIMIT_S)

    @property
    def engine_pid(self) -> int:
        (pid,) = engines(self.folder)
        return pid

    def worker_pids(self) -> list[int]:
        """Media workers of the engine; none for a moment after a loss."""
        below = [pid for engine in engines(self.folder) for pid in descendants(engine)]
        return [pid for pid in below if WORKER_MODULE in command_line(pid).split()]

    def talk(self) -> None:
        """See to it that chirps enter the microphone for the next half minute."""
        if time.monotonic() < self._talks_until_s - 30:
            return
        if self._talk is not None:
            self._talk.stop()
        gap = np.zeros(int(RATE_HZ * 0.4), dtype=np.float32)
        self._talk = self._scene.devices("ann").say(np.concatenate([CHIRP, gap] * 240))
        self._talks_until_s = time.monotonic() + 120

    # Verbs

    def verb(self, *args: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of woxly as a script does."""
        command = python_module("woxly_tui.cli.main", *args)
        return subprocess.run(
            command, env=self.env, capture_output=True, text=True, timeout=20, check=False
        )

    def status(self) -> dict[str, Any]:
        """The fields of `woxly status --json`."""
        found: dict[str, Any] = json.loads(self.verb("status", "--json").stdout)
        return found

    # Checks

    @property
    def word(self) -> str:
        """What every screen has to say now."""
        return "DEAFENED" if self.wants_deafened else "MUTED" if self.wants_muted else "LIVE"

    def check(self, limit_s: float = AGREE_LIMIT_S) -> None:
        """Demand that every front end tells the truth, and that the wire carries it."""
        self.talk()
        deadline = time.monotonic() + limit_s
        while (state := str(self.status()["state"])) != self.word.lower():
            if time.monotonic() > deadline:
                raise AssertionError(f"status says {state}, not {self.word}: {self.status()}")
            time.sleep(0.1)
        for screen in self.screens:
            screen.wait_word(self.word, AGREE_LIMIT_S)
        self.listen(is_open=self.word == "LIVE")

    def listen(self, *, is_open: bool) -> None:
        """Demand chirps on the wire, or silence."""
        time.sleep(_SETTLE_S)
        start_s = time.monotonic()
        time.sleep(_LISTEN_S)
        heard = self.wire.heard("ann")
        if is_open:
            found = find_chirps(heard.since(start_s - _SETTLE_S), CHIRP)
            assert found, "the microphone is said to be open, and nothing is heard"
        else:
            loud = heard.loud_times(SILENCE_DBFS, start_s)
            assert not loud, f"{len(loud)} frames were heard of a closed microphone"

    # Kills

    def kill_engine(self) -> None:
        """Kill the engine, and demand that the microphone dies with it."""
        pids = [self.engine_pid, *self.worker_pids()]
        os.kill(pids[0], signal.SIGKILL)
        killed_s = time.monotonic()
        wait_gone(pids, 3)
        time.sleep(ORPHAN_LIMIT_S + 0.5)
        loud = self.wire.heard("ann").loud_times(SILENCE_DBFS, killed_s + ORPHAN_LIMIT_S)
        assert not loud, f"the microphone lived on {loud[-1] - killed_s:.2f} s" if loud else ""

    def kill_worker(self) -> None:
        for pid in self.worker_pids():
            os.kill(pid, signal.SIGKILL)

    def wait_word_of(self, find: Callable[[], str], word: str, limit_s: float) -> None:
        """Wait until something says so."""
        deadline = time.monotonic() + limit_s
        while (found := find()) != word:
            assert time.monotonic() < deadline, f"{found!r}, not {word!r}"
            time.sleep(0.1)

    def close(self) -> None:
        """End all of it."""
        for screen in self.screens:
            screen.close()
        kill_engines(self.folder)
