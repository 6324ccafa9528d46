"""Which backend the user's wishes need: volumes of single people, gains, cleaning."""

from collections.abc import Iterable

from woxly_tui.media.backends.base import AudioBackend
from woxly_tui.media.backends.chooser import BackendChooser
from woxly_tui.media.hearing import Hearing
from woxly_tui.media.messages import BackendChoice, Shaping
from woxly_tui.types import Seconds


class BackendWish:
    """What is wanted of a session's sound. Use from the event loop.

    Args:
        choice: Which backend the user asked for.
        hearing: Decides how loud each is.
        shaping: Gains for all, and what the microphone is cleaned by.
    """

    def __init__(self, choice: BackendChoice, hearing: Hearing, shaping: Shaping) -> None:
        self.choice = choice
        self.hearing = hearing
        self.shaping = shaping
        self.chooser = BackendChooser(choice)

    def needs_mixer(self, identities: Iterable[str]) -> bool:
        """Whether these cannot be heard as wanted, or we not be, without the mixer."""
        return self.shaping.needs_mixer or self.hearing.wants_gain(identities)

    def wanted(
        self, present: BackendChoice, now: Seconds, identities: Iterable[str]
    ) -> BackendChoice:
        """Which backend to have now."""
        return self.chooser.wanted(present, now, wants_gain=self.needs_mixer(identities))

    def apply(self, backend: AudioBackend, identities: Iterable[str]) -> None:
        """Have a backend do what is wanted, as far as it can."""
        backend.shape(self.shaping)
        for identity in identities:
            backend.set_volume(identity, self.hearing.percent(identity))

    def give_up_mixer(self) -> None:
        """It cannot be had: what needs it is not wanted any more."""
        self.hearing.give_up_gain()
        self.shaping = Shaping()
