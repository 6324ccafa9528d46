"""Gaps of a speaker, those that its driver hides included. Pure."""

from woxly_tui.types import Seconds


class SpeakerGaps:
    """Which blocks came too late. One thread.

    PulseAudio's plugin for ALSA says nothing of gaps that are shorter than what it holds
    (`handle_underrun` in its `pcm_pulse.c`): a device that held nothing when it was written to had
    one, whoever says so.

    Args:
        rate_hz: Samples that the device takes in a second.
        begins_empty: Whether all its room is free as it is opened, as with ALSA; CoreAudio's and
            JACK's begin full of zeros (PortAudio's `pa_mac_core_blocking.c` and `pa_jack.c`). Where
            it does not, only what the device says counts.
    """

    def __init__(self, rate_hz: int, *, begins_empty: bool) -> None:
        self._rate_hz = rate_hz
        self._begins_empty = begins_empty
        self.opened()

    def opened(self) -> None:
        """The device was opened, maybe anew."""
        self._holds = 0
        """Samples that fit into it while it is empty."""
        self._is_filled = False
        """It was seen to hold something; one without a clock never is."""
        self._was_hidden = False
        """That of the block before was seen, and not told."""
        self._room, self._looked_at = 0, Seconds(0.0)

    def look(self, room: int, now: Seconds) -> None:
        """There is room for so many samples."""
        if not self._holds:
            self._holds = room
        self._is_filled = self._is_filled or room < self._holds - 1
        self._room, self._looked_at = room, now

    def had_gap(self, *, is_told: bool, written_at: Seconds) -> bool:
        """Whether there was one before a block, of which nothing was said yet.

        Args:
            is_told: The device says so.
            written_at: When the block was given to it; a look was before.
        """
        taken = int((written_at - self._looked_at) * self._rate_hz)
        has_run_out = self._is_filled and self._room + taken >= self._holds - 1
        self._is_filled = self._is_filled and not has_run_out
        # What is seen before the driver sees it is told with the next block once more.
        is_new = is_told and not self._was_hidden
        self._was_hidden = has_run_out and self._begins_empty and not is_told
        return is_new or self._was_hidden
