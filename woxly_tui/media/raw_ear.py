"""What the sound of our own microphone tells about us, whether or not it is sent. Pure.

peak of each tenth of a second ──► too loud, while we send
                              └──► speech, while we are muted
"""

from collections import deque
from itertools import pairwise
from typing import Final

from woxly_tui.media.device_messages import Hint
from woxly_tui.types import Seconds

FULL_SCALE: Final = 0.998
"""A sample from here on was cut off by the device, or nearly."""

TOO_LOUD_IN_S: Final = 5.0
TOO_LOUD_PEAKS: Final = 5
"""So many tenths of a second at full scale within that time are no accident, as a knock is."""

SPEECH_OVER: Final = 4.0
"""Speech is so many times louder than what else is heard: 12 dB."""

SPEECH_FROM: Final = 0.01
"""And never softer than this, -40 dBFS: somebody else, in another room."""

SPEECH_PEAKS: Final = 8
"""So many loud tenths of a second of two seconds are speech, and no cough or key."""

SPEECH_RISES: Final = 2
"""So often speech gets loud again within two seconds; a fan that is switched on does so once."""

OTHERS_HOLD_S: Final = 0.4
"""How long after what the speaker plays it may be heard by the microphone."""

OTHERS_FROM: Final = 0.003

AGAIN_AFTER_S: Final = 60.0
"""The same is not said again before that."""

_FLOOR_PEAKS: Final = 50
_WINDOW_PEAKS: Final = 20
_ALWAYS: Final = -1e9


class RawEar:
    """Hears peaks, 0 to 1, about ten times a second; time is passed in. One thread."""

    def __init__(self) -> None:
        self._loud: deque[float] = deque(maxlen=TOO_LOUD_PEAKS)
        self._window: deque[float] = deque(maxlen=_WINDOW_PEAKS)
        self._floor: deque[float] = deque(maxlen=_FLOOR_PEAKS)
        self._said_at: dict[Hint, float] = {}
        self._others_at = _ALWAYS
        self._was_open = True

    def hear_others(self, peak: float, now: Seconds) -> None:
        """What the speaker plays, where the microphone may hear it."""
        if peak >= OTHERS_FROM:
            self._others_at = now

    def hear(self, raw: float, clean: float, now: Seconds, *, is_open: bool) -> Hint | None:
        """Take a tenth of a second.

        Args:
            raw: Its peak as the device gives it.
            clean: The same without echo, as far as that can be had.
            now: Monotonic time.
            is_open: Whether we send.

        Returns:
            What the user should know.
        """
        if is_open != self._was_open:
            self._was_open = is_open
            self._loud.clear()
            self._window.clear()
        if is_open:
            return self._judge(Hint.TOO_LOUD, self._is_cut(raw, now), now)
        return self._judge(Hint.SPOKE_WHILE_MUTED, self._is_speech(clean, now), now)

    def _is_cut(self, raw: float, now: Seconds) -> bool:
        if raw < FULL_SCALE:
            return False
        self._loud.append(now)
        return len(self._loud) == TOO_LOUD_PEAKS and now - self._loud[0] <= TOO_LOUD_IN_S

    def _is_speech(self, clean: float, now: Seconds) -> bool:
        # The quietest moment of the last seconds is the room: between words it is heard, too.
        self._floor.append(clean)
        is_others = now - self._others_at < OTHERS_HOLD_S
        self._window.append(0.0 if is_others else clean)
        least = max(SPEECH_FROM, SPEECH_OVER * min(self._floor))
        half = max(self._window) / 2
        rises = sum(a < half <= b for a, b in pairwise(self._window))
        loud = sum(peak >= least for peak in self._window)
        return loud >= SPEECH_PEAKS and rises >= SPEECH_RISES

    def _judge(self, hint: Hint, is_so: bool, now: Seconds) -> Hint | None:
        if not is_so or now - self._said_at.get(hint, _ALWAYS) < AGAIN_AFTER_S:
            return None
        self._said_at[hint] = now
        return hint
