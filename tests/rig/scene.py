"""Who is in a call, and what they do in it: the tests' stage."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

import numpy as np

from tests.rig.analysis import (
    FRAME_MS,
    RATE_HZ,
    Arrival,
    Clip,
    chirp,
    find_chirps,
    frame_levels,
    loudest_dbfs,
    syllables,
)
from tests.rig.peer import Peer
from tests.rig.process import Message
from tests.rig.pulse import Devices, Playing, SoundServer
from tests.rig.sfu import LiveKitServer
from tests.rig.woxly import Woxly, is_established, is_settled

SILENCE_DBFS: Final = -70.0
"""Below this nobody hears anything."""

LOUD_DBFS: Final = -45.0
"""Above this there is speech: it is played at -20 dBFS."""

MUTE_LIMIT_S: Final = 0.4
"""From the command to the last sound a listener hears: the audio already under way, jitter
buffer included, and a busy test machine."""

CHIRP: Final = chirp()

CHIRPS: Final = 4
"""In one call of `chirps_through`."""


class Scene:
    """A room, and everybody whom a test put into it. Leaving it ends them all."""

    def __init__(self, sfu: LiveKitServer, sound: SoundServer) -> None:
        self.sfu: Final = sfu
        self.sound: Final = sound
        self.room: Final = f"room-{time.monotonic_ns()}"
        self._stack = ExitStack()
        self._stack.callback(sound.hush)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def woxly(
        self,
        name: str,
        *args: str,
        devices: bool = True,
        pins_devices: bool = True,
        token: str | None = None,
        hint: str = "auto",
    ) -> Woxly:
        """Start a woxly; it is not yet in the call when this returns.

        `hint` is its `audio.muted_hint`.
        """
        own = self.sound.people[name].env if pins_devices else self.sound.env
        env = own if devices else {"PULSE_SERVER": "unix:/nowhere"}
        env = env | {"WOXLY_MUTED_HINT": hint}
        return self._stack.enter_context(Woxly(self.sfu, self.room, name, env, *args, token=token))

    def peer(self, identity: str = "wire") -> Peer:
        """A participant of the plain SDK, in the call when this returns."""
        return self._stack.enter_context(Peer(self.sfu, self.room, identity))

    def devices(self, name: str) -> Devices:
        """A person's microphone and speaker."""
        return self.sound.people[name]

    def talk(self, name: str, duration_s: float = 60.0) -> Playing:
        """Somebody talks at -20 dBFS, until the scene is over or the sound server is hushed."""
        return self.devices(name).say(syllables(duration_s, -20))


def chirps_through(
    mouth: Devices, hear: Callable[[float, float], Clip]
) -> tuple[list[Arrival], list[Arrival]]:
    """Say CHIRPS chirps; returns when each was said, and when it was heard.

    Args:
        mouth: Who says them.
        hear: `between` of the recording in which they should turn up.
    """
    gap = np.zeros(int(RATE_HZ * 0.3), dtype=np.float32)
    start_s = time.monotonic()
    mouth.say(np.concatenate([CHIRP, gap] * CHIRPS)).wait()
    end_s = time.monotonic() + 0.8
    said = find_chirps(mouth.said.between(start_s - 0.05, end_s), CHIRP)
    time.sleep(max(0.0, end_s - time.monotonic()))
    return said, find_chirps(hear(start_s, end_s), CHIRP)


def delays_s(said: list[Arrival], heard: list[Arrival], longest_s: float = 0.8) -> list[float]:
    """For each sound heard, how long after it was last said."""
    delays = []
    for arrival in heard:
        before = [one.at_s for one in said if one.at_s <= arrival.at_s + 0.01]
        if before and arrival.at_s - before[-1] <= longest_s:
            delays.append(arrival.at_s - before[-1])
    return delays


def wait_loud(
    hear: Callable[[float, float], Clip],
    timeout_s: float = 5.0,
    level_dbfs: float = LOUD_DBFS,
    since_s: float | None = None,
) -> float:
    """Wait until something is heard; returns when it was.

    Raises:
        AssertionError: Nothing above the level came in time.
    """
    start_s = time.monotonic() if since_s is None else since_s
    deadline = time.monotonic() + timeout_s
    loudest = float("-inf")
    while time.monotonic() < deadline:
        now = time.monotonic()
        loudest = loudest_dbfs(hear(max(start_s, now - 0.5), now))
        if loudest > level_dbfs:
            return now
        time.sleep(0.05)
    raise AssertionError(f"nothing above {level_dbfs} dBFS in {timeout_s} s; last {loudest:.0f}")


def assert_silent(clip: Clip, what: str) -> None:
    """Demand that not one 10 ms is above SILENCE_DBFS."""
    loudest = loudest_dbfs(clip)
    assert loudest < SILENCE_DBFS, f"{what}: {loudest:.1f} dBFS in {clip.duration_s:.1f} s"


def assert_blips_only(clip: Clip, what: str) -> None:
    """Demand that nothing is above SILENCE_DBFS."""
    audible_s = float((frame_levels(clip) >= SILENCE_DBFS).sum()) * FRAME_MS / 1000
    assert audible_s == 0.0, f"{what}: {audible_s:.2f} s of {clip.duration_s:.1f} s audible"


def wait_calm(woxly: Woxly, calm_s: float = 1.2, timeout_s: float = 30.0) -> Message:
    """Wait until the call stood for a while with nothing pending."""
    deadline = time.monotonic() + timeout_s

    def is_calm(snapshot: Message) -> bool:
        return is_established(snapshot) and is_settled(snapshot)

    while True:
        woxly.wait_state("standing call", is_calm, max(0.1, deadline - time.monotonic()))
        until = time.monotonic() + calm_s
        while (now := woxly.snapshot) is not None and is_calm(now):
            if time.monotonic() > until:
                return now
            time.sleep(0.05)
