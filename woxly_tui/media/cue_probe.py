"""Sounds a cue while the microphone is still closed, and tells whether it was heard there.

    begin ─► listen ─► BEFORE peaks, or PATIENCE_S ─► cue ─► TAIL_S ─► on_over ─► AFTER_S ─► verdict

What is heard is not sent: the microphone opens at `on_over`, when the room is silent again.
"""

import asyncio
from collections.abc import Callable
from enum import Enum
from typing import Final, Protocol

from woxly_tui.media.coupling import judge_cue

PROBE_HZ: Final = 40
"""Peaks a second: a cue lasts a seventh of one."""

BEFORE: Final = 5
"""Peaks of the room, before anything is played."""

PATIENCE_S: Final = 0.35
"""How long the first ones may take; after that the cue is sounded all the same."""

TAIL_S: Final = 0.2
"""How long after its end a cue may still be on its way to the microphone."""

AFTER_S: Final = 0.3

LIMIT_S: Final = 0.85
"""Longest until `on_over`, whatever the sound server does: somebody waits to be heard."""

SLOT: Final = "probe"


class Aside(Protocol):
    """What measures and plays; see `PulseAside`."""

    def listen(self, slot: str, device: str | None, rate_hz: int = ...) -> None: ...

    def play(self, device: str, samples: bytes) -> None: ...

    def hush(self) -> None: ...


class _Stage(Enum):
    IDLE = 0
    BEFORE = 1
    SOUNDING = 2
    AFTER = 3


class CueProbe:
    """One probe at a time. Use from the event loop.

    Args:
        on_verdict: Told whether the microphone heard the cue; None where nobody can tell.
    """

    def __init__(self, on_verdict: Callable[[bool | None], None]) -> None:
        self._on_verdict = on_verdict
        self._on_over: Callable[[], None] | None = None
        self._stage = _Stage.IDLE
        self._aside: Aside | None = None
        self._speaker = ""
        self._samples = b""
        self._unfinished = 0
        """Cues that were handed over to be played, and are not over."""
        self._heard: dict[_Stage, list[float]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._limit: asyncio.TimerHandle | None = None

    def begin(
        self,
        aside: Aside,
        devices: tuple[str, str],
        samples: bytes,
        on_over: Callable[[], None],
    ) -> None:
        """Sound the cue; `on_over` is called once, unless it is cancelled.

        Args:
            aside: Measures and plays.
            devices: Microphone and speaker.
            samples: The cue.
            on_over: The cue can be heard no more.
        """
        self.cancel()
        microphone, self._speaker = devices
        self._aside, self._samples, self._on_over = aside, samples, on_over
        self._heard = {stage: [] for stage in _Stage}
        self._stage = _Stage.BEFORE
        aside.listen(SLOT, microphone, PROBE_HZ)
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(PATIENCE_S, self._sound)
        self._limit = loop.call_later(LIMIT_S, self.give_up)

    def hear(self, peak: float) -> None:
        """The microphone's peak of the last 1 / PROBE_HZ."""
        heard = self._heard.get(self._stage)
        if heard is None or self._stage is _Stage.IDLE:
            return
        heard.append(peak)
        if self._stage is _Stage.BEFORE and len(heard) >= BEFORE:
            self._sound()

    def tone_over(self, *, was_played: bool) -> bool:
        """What was played is over; returns whether it was a cue of ours, however old."""
        if not self._unfinished:
            return False
        self._unfinished -= 1
        if self._stage is _Stage.SOUNDING and not self._unfinished:
            if not was_played:
                self._heard[_Stage.BEFORE] = []  # nothing can be told from what is heard of it
            self._timer = asyncio.get_running_loop().call_later(TAIL_S, self._open)
        return True

    def give_up(self) -> None:
        """Play and learn nothing more; whoever waits for the end need not."""
        on_over = self._on_over
        self.cancel()
        if on_over is not None:
            on_over()

    def cancel(self) -> None:
        """Play and learn nothing more, and call nobody."""
        was_sounding = self._stage is _Stage.SOUNDING
        self._end()
        if was_sounding and self._aside is not None:
            self._aside.hush()

    def _sound(self) -> None:
        self._stop_timer()
        self._stage = _Stage.SOUNDING
        if self._aside is not None:
            self._unfinished += 1
            self._aside.play(self._speaker, self._samples)

    def _open(self) -> None:
        self._stop_timer()
        if self._limit is not None:
            self._limit.cancel()
        self._stage = _Stage.AFTER
        self._timer = asyncio.get_running_loop().call_later(AFTER_S, self._judge)
        if (on_over := self._on_over) is not None:
            self._on_over = None
            on_over()

    def _judge(self) -> None:
        heard = self._heard
        self._end()
        self._on_verdict(
            judge_cue(heard[_Stage.BEFORE], heard[_Stage.SOUNDING], heard[_Stage.AFTER])
        )

    def _end(self) -> None:
        self._stop_timer()
        if self._limit is not None:
            self._limit.cancel()
        if self._stage is not _Stage.IDLE and self._aside is not None:
            self._aside.listen(SLOT, None)
        self._stage = _Stage.IDLE
        self._on_over = None

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
