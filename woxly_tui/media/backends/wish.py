"""Which backend the user's wishes need: volumes of single people, gains, cleaning."""

from collections.abc import Iterable

from woxly_tui.media.backends.base import AudioBackend, Tap
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
        self.present: BackendChoice | None = None
        """The one that was last told what is wanted, and so is heard; None before there is any."""
        self.tap: Tap | None = None
        """Who records; native gives nothing to record."""

    def needs_mixer(self, identities: Iterable[str]) -> bool:
        """Whether these cannot be heard as wanted, or we not be, without the mixer."""
        is_recorded = self.tap is not None
        return is_recorded or self.shaping.needs_mixer or self.hearing.wants_gain(identities)

    def wanted(
        self, present: BackendChoice, now: Seconds, identities: Iterable[str]
    ) -> BackendChoice:
        """Which backend to have now."""
        return self.chooser.wanted(present, now, wants_gain=self.needs_mixer(identities))

    def prepare(self, backend: AudioBackend) -> None:
        """Tell a backend what holds whoever is there."""
        backend.shape(self.shaping)
        backend.tap = self.tap

    def apply(self, backend: AudioBackend, identities: Iterable[str]) -> None:
        """Have a backend do what is wanted, as far as it can."""
        self.present = backend.choice
        self.prepare(backend)
        for identity in identities:
            backend.set_volume(identity, self.hearing.percent(identity))

    def give_up_mixer(self, identities: Iterable[str]) -> bool:
        """It cannot be had: what needs it is not wanted any more. Returns whether that is more
        than a recording, which tells of it by itself."""
        self.tap = None
        was_heard_otherwise = self.needs_mixer(identities)
        self.hearing.give_up_gain()
        self.shaping = Shaping()
        return was_heard_otherwise
