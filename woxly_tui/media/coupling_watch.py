"""Whether the microphone in use hears the speaker in use, and who is told.

peaks of both, while the microphone is open ─► CouplingEar ─┐
a cue before it opens ─► CueProbe ──────────────────────────┼─► CouplingLearnt
headphones, by their own word ──────────────────────────────┘
"""

from collections.abc import Callable

from woxly_tui.media.coupling import CouplingEar
from woxly_tui.media.cue_probe import CueProbe
from woxly_tui.media.device_messages import Coupling, CouplingLearnt
from woxly_tui.media.device_world import DeviceNews
from woxly_tui.types import DeviceKind, Seconds


class CouplingWatch:
    """Use from the event loop.

    Args:
        emit: Takes what is learnt.
        can_measure: Whether this machine lets us.
    """

    def __init__(self, emit: Callable[[CouplingLearnt], None], *, can_measure: bool) -> None:
        self._emit = emit
        self._can_measure = can_measure
        self._ear = CouplingEar()
        self.probe = CueProbe(self._on_verdict)
        """Sounds a cue before the microphone opens, and is learnt from."""
        self._devices = ("", "")
        """Microphone and speaker; whichever is not in use just now is the one that was."""
        self.is_worn = False
        """The speaker is headphones: there is nothing to listen for."""
        self._is_deaf = False
        self._told = Coupling.UNKNOWN

    def begin(self) -> None:
        """A session begins: say what there is to be said before its sound runs."""
        self._tell()

    def see(self, news: DeviceNews) -> None:
        """The devices in use may be others now; then nothing is known."""
        view = news.view
        devices = (view.microphone or self._devices[0], view.speaker or self._devices[1])
        speaker = news.world.named(DeviceKind.SPEAKER, devices[1])
        is_worn = speaker is not None and speaker.is_worn
        known = zip(self._devices, devices, strict=True)
        is_other = is_worn != self.is_worn or any(was and was != now for was, now in known)
        self._devices, self.is_worn = devices, is_worn
        if is_other:
            self._is_deaf = False
            self._ear.forget()
        self._tell()

    def hear_speaker(self, peak: float, now: Seconds) -> None:
        """What the speaker plays."""
        self._ear.hear_speaker(peak, now)

    def hear_microphone(self, peak: float, now: Seconds) -> None:
        """What the microphone hears at that time."""
        self._ear.hear_microphone(peak, now)
        self._tell()

    def pause(self) -> None:
        """Other streams are listened to from now on, or none."""
        self._ear.pause()

    def on_deaf(self) -> None:
        """The microphone cannot be measured beside the call."""
        self._is_deaf = True
        self._tell()

    def _tell(self) -> None:
        coupling = self._coupling
        if coupling is not self._told:
            self._told = coupling
            self._emit(CouplingLearnt(coupling, *self._devices))

    @property
    def _coupling(self) -> Coupling:
        if self.is_worn:
            return Coupling.APART
        is_lost = self._is_deaf and self._ear.verdict is Coupling.UNKNOWN
        return Coupling.UNMEASURED if is_lost or not self._can_measure else self._ear.verdict

    def _on_verdict(self, is_heard: bool | None) -> None:
        if is_heard is not None:
            self._ear.take_cue(is_heard)
            self._tell()
