"""The half of the app that the sound screen needs."""

from textual.app import App

from woxly_tui._lib.clock import Clock
from woxly_tui.call.snapshot import Ending
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.screens.sound import SoundScreen


class SoundApp(App[Ending | None], inherit_bindings=False):
    """Opens the sound screen over the call."""

    bridge: Bridge
    _clock: Clock

    def action_sound(self) -> None:
        """Microphone, speaker and sound settings."""
        if not self.screen.is_modal:
            self.push_screen(SoundScreen(self.bridge, self._clock))
