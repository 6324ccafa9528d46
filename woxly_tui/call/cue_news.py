"""Which cues a change of state is worth. Every one of them is seen on the screen as well."""

from typing import Final

from woxly_tui.call.snapshot import CallPhase, Microphone, MicState, Snapshot
from woxly_tui.types import Cue, Identity

_IN_CALL: Final = (CallPhase.ESTABLISHED, CallPhase.RECONNECTING)


class CueNews:
    """Compares each state with what the user has been told. Pure."""

    def __init__(self) -> None:
        self._is_in_call = False
        self._has_entered = False
        """Our own coming was heard: the sound of the call runs."""
        self._muted: bool | None = None
        self._deafened: bool | None = None
        self._others: frozenset[Identity] = frozenset()
        self._recorders: frozenset[Identity] = frozenset()

    def see(self, snapshot: Snapshot, *, quiet_above: int) -> tuple[Cue, ...]:
        """What to play of it, in order; each kind once at most.

        Args:
            snapshot: The state now.
            quiet_above: With more people than this in the call, ourselves among them, nobody
                is heard coming or going.
        """
        was_in_call, self._is_in_call = self._is_in_call, snapshot.phase in _IN_CALL
        if not self._is_in_call:
            self._has_entered = False
            self._muted = self._deafened = None
            self._recorders = frozenset()
            return (Cue.DISCONNECT,) if was_in_call else ()
        had_entered = self._has_entered
        entered = () if had_entered else self._enter(snapshot)
        own = self._hear_own(snapshot.microphone)
        others = self._hear_others(snapshot, quiet_above)
        recorders = self._hear_recorders(snapshot) if self._has_entered else ()
        return (*own, *others, *recorders) if had_entered else (*entered, *recorders)

    def due_before_opening(self, snapshot: Snapshot) -> Cue | None:
        """The cue that `see` will tell of the opening that is now asked for, if any."""
        mic = snapshot.microphone
        if not self._has_entered:
            return Cue.JOIN if self._enters(snapshot) else None
        if self._deafened:
            return Cue.UNDEAFEN
        return Cue.UNMUTE if self._muted and not mic.ptt.is_down else None

    def _enters(self, snapshot: Snapshot) -> bool:
        # Not before: what plays it, and when the microphone opens, depends on the backend.
        return snapshot.phase is CallPhase.ESTABLISHED and not snapshot.microphone.is_starting

    def _enter(self, snapshot: Snapshot) -> tuple[Cue, ...]:
        self._has_entered = self._enters(snapshot)
        return (Cue.JOIN,) if self._has_entered else ()

    def _hear_own(self, mic: Microphone) -> tuple[Cue, ...]:
        if mic.is_pending or mic.is_starting:
            return ()
        told, self._deafened = self._deafened, mic.is_deafened
        if told is not None and told != mic.is_deafened:
            return (Cue.DEAFEN if mic.is_deafened else Cue.UNDEAFEN,)
        # Whoever holds a key knows, and would have a tone laid over each first word.
        if mic.is_deafened or mic.ptt.is_down or mic.state is MicState.ABSENT:
            return ()
        told, self._muted = self._muted, mic.state is MicState.MUTED
        if told is None or told == self._muted:
            return ()
        return (Cue.MUTE if self._muted else Cue.UNMUTE,)

    def _hear_others(self, snapshot: Snapshot, quiet_above: int) -> tuple[Cue, ...]:
        if snapshot.phase is not CallPhase.ESTABLISHED:
            return ()
        were, self._others = self._others, frozenset(p.identity for p in snapshot.others)
        mic = snapshot.microphone
        # Whoever is told of before the sound runs was there already, or before a reconnect.
        is_quiet = mic.is_starting or mic.is_deafened or len(snapshot.participants) > quiet_above
        if is_quiet:
            return ()
        came = (Cue.JOIN,) if self._others - were else ()
        left = (Cue.LEAVE,) if were - self._others else ()
        return (*came, *left)

    def _hear_recorders(self, snapshot: Snapshot) -> tuple[Cue, ...]:
        """Somebody records; said in any call, however many are in it, and to who comes later."""
        if snapshot.phase is not CallPhase.ESTABLISHED:
            return ()
        were, self._recorders = self._recorders, frozenset(p.identity for p in snapshot.recorders)
        return (Cue.RECORDING,) if self._recorders - were else ()
