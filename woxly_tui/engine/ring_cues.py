"""The sound of a ring: what the rings are worth hearing."""

from woxly_tui.call.ringing.view import RingPhase, RingView
from woxly_tui.engine.cues import CueDesk
from woxly_tui.social.model import Presence
from woxly_tui.types import Cue


class RingCues:
    """Plays ringtone and ringback for as long as there is something to hear them for.

    Args:
        cues: Plays them.
    """

    def __init__(self, cues: CueDesk) -> None:
        self._cues = cues
        self._playing: Cue | None = None

    def see(self, view: RingView, presence: Presence) -> None:
        """Take the newest state; who is not to be disturbed is rung in silence."""
        cue = None
        if view.phase is RingPhase.OUTGOING and view.room is not None:
            cue = Cue.RINGBACK
        elif view.incoming and presence is not Presence.DND:
            cue = Cue.RING
        if cue is self._playing:
            return
        self._playing = cue
        if cue is None:
            self._cues.stop()
        else:
            self._cues.loop(cue)
