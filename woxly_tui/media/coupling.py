"""Whether the microphone hears the speaker, learnt from the peaks of both. Pure.

    speaker's peaks ──► bursts: sound with silence around it ─┐
    microphone's peaks ── before, at its start, after ────────┴─► votes ──► apart or coupled
    a cue before the microphone opens ── before, during, after ──► the same, at once

What the user says is no part of it: a vote for coupled wants a microphone that is calm, rises with
the speaker, stays up as long and is calm again. One that does so by chance does it once.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

from woxly_tui.media.device_messages import Coupling
from woxly_tui.types import Seconds

SPEAKER_QUIET: Final = 0.006
"""A peak below this is silence between words of others, -44 dBFS."""

SPEAKER_LOUD: Final = 0.02
"""Softer than this, -34 dBFS, a burst says nothing."""

SPEAKER_PROVES: Final = 0.1
"""From here on, -20 dBFS, a burst that the microphone does not hear says that it hears none: a
cue is about as loud."""

QUIETEST: Final = 0.0005
"""No room is quieter, -66 dBFS."""

CALM: Final = 2.5
"""A microphone whose peaks lie within this ratio hears a room, or a fan, and nobody who speaks."""

RISES: Final = 2.5
"""It hears something where it is so many times louder than before."""

STAYS: Final = 1.6
"""It hears nothing new where it is not so many times louder than before."""

GAP_S: Final = 0.6
"""Silence of the speaker that divides bursts."""

LAG_S: Final = 0.4
"""Longest way from what the speaker is given to the peak of the microphone."""

SKEW_S: Final = 0.12
"""How much earlier the microphone's peak may come in: each is told ten times a second."""

BEFORE_S: Final = 0.5

LONGEST_S: Final = 20.0
"""A burst that goes on longer is not waited for."""

SHARE_UP: Final = 0.6
"""Of a burst the microphone must hear so much: words have gaps."""

VOTES: Final = 4
MAJORITY: Final = 3

CUE_PEAKS: Final = 3
"""Of a cue so many peaks must be heard: a key or a knock is shorter."""

NEAR_VOICE: Final = 0.03
"""A microphone louder than this, -30 dBFS, before a cue hears somebody, or too much to tell."""


def judge_cue(
    before: Sequence[float], during: Sequence[float], after: Sequence[float]
) -> bool | None:
    """Whether a cue was heard by the microphone; None where nobody can tell.

    Args:
        before: Peaks of the microphone, a few, until the cue was asked for.
        during: Those until it can be heard no more; some of them may be earlier or later.
        after: Those of the moment after that.
    """
    if len(before) < CUE_PEAKS or len(during) < CUE_PEAKS:
        return None
    base = max(QUIETEST, median(before))  # a key that was pressed is a peak or two
    if base > NEAR_VOICE:
        return None
    up = sum(peak >= RISES * base for peak in during)
    if up == 0:
        return False
    is_over = bool(after) and median(after) < max(base * CALM, max(during) / 4)
    return True if up >= CUE_PEAKS and is_over else None


@dataclass(slots=True)
class _Burst:
    began: float
    before: list[float]
    """The microphone's peaks until then."""
    first: float = 0.0
    """Loudest of the speaker while it began."""
    last: float = 0.0
    """When it was last heard."""
    heard: list[tuple[float, float]] = field(default_factory=list)
    """Time and peak of the microphone since."""
    is_judged: bool = False


class CouplingEar:
    """Hears both, about ten times a second each; time is passed in. One thread."""

    def __init__(self) -> None:
        self.verdict = Coupling.UNKNOWN
        self._votes: deque[bool] = deque(maxlen=VOTES)
        self._microphone: deque[tuple[float, float]] = deque(maxlen=16)
        self._quiet_since: float | None = None
        """Since when the speaker plays nothing, as far as is known."""
        self._burst: _Burst | None = None

    def forget(self) -> None:
        """Other devices: nothing is known of them."""
        self.verdict = Coupling.UNKNOWN
        self._votes.clear()
        self.pause()

    def pause(self) -> None:
        """The devices are not listened to for a while; what was learnt of them stays."""
        self._microphone.clear()
        self._quiet_since = self._burst = None

    def take_cue(self, is_heard: bool) -> None:
        """A cue was sounded to learn, and heard by the microphone or not: that settles it."""
        self._votes.extend([is_heard] * MAJORITY)
        self._count()

    def hear_speaker(self, peak: float, now: Seconds) -> None:
        """Take a tenth of a second of what the speaker plays: its peak, 0 to 1."""
        burst = self._burst
        if peak < SPEAKER_QUIET:
            if self._quiet_since is None:
                self._quiet_since = now
            return
        was_quiet = self._quiet_since is not None and now - self._quiet_since >= GAP_S
        self._quiet_since = None
        if burst is None and was_quiet:
            until = now - SKEW_S
            before = [p for at, p in self._microphone if until - BEFORE_S <= at < until]
            burst = self._burst = _Burst(now, before)
            burst.heard = [(at, p) for at, p in self._microphone if at >= until]
        if burst is not None:
            burst.last = now
            if now - burst.began < LAG_S:
                burst.first = max(burst.first, peak)

    def hear_microphone(self, peak: float, now: Seconds) -> None:
        """Take a tenth of a second of the microphone: its peak, 0 to 1."""
        self._microphone.append((now, peak))
        if (burst := self._burst) is None:
            return
        burst.heard.append((now, peak))
        if not burst.is_judged and now - burst.began > LAG_S:
            burst.is_judged = self._judge_start(burst)
        if now - burst.began > LONGEST_S:
            self._burst = None
        elif self._quiet_since is not None and now - self._quiet_since >= GAP_S:
            self._burst = None
            if not burst.is_judged:
                self._judge_whole(burst)

    def _judge_start(self, burst: _Burst) -> bool:
        """Whether the first half second says all there is to say."""
        before = burst.before
        if len(before) < 2 or max(before) > CALM * max(QUIETEST, min(before)):
            return True  # somebody speaks, or moves
        base = max(QUIETEST, *before)
        if burst.first < SPEAKER_LOUD:
            return True
        if max(p for at, p in burst.heard if at <= burst.began + LAG_S) >= RISES * base:
            return False
        if all(p < STAYS * base for _, p in burst.heard) and burst.first >= SPEAKER_PROVES:
            self._vote(is_coupled=False)
        return True

    def _judge_whole(self, burst: _Burst) -> None:
        """The microphone rose with it: did it also stay up, and come down?"""
        base = max(QUIETEST, *burst.before)
        during = [p for at, p in burst.heard if burst.began <= at <= burst.last + SKEW_S]
        after = [p for at, p in burst.heard if at > burst.last + LAG_S]
        up = sum(p >= STAYS * base for p in during)
        # Whoever spoke at the same time went on, or ended earlier.
        if during and after and up >= SHARE_UP * len(during) and max(after) < STAYS * base:
            self._vote(is_coupled=True)

    def _vote(self, *, is_coupled: bool) -> None:
        self._votes.append(is_coupled)
        self._count()

    def _count(self) -> None:
        coupled = sum(self._votes)
        if coupled >= MAJORITY:
            self.verdict = Coupling.COUPLED
        elif len(self._votes) - coupled >= MAJORITY:
            self.verdict = Coupling.APART
