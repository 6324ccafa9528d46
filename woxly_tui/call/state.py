"""Where call and microphone stand, and the one word for both.

Apart from the snapshot, because commands that must be quick load this and not that.
"""

from enum import StrEnum


class CallPhase(StrEnum):
    """Where the call stands."""

    IDLE = "idle"
    CONNECTING = "connecting"
    ESTABLISHED = "established"
    RECONNECTING = "reconnecting"
    ENDED = "ended"


class MicState(StrEnum):
    """What the media worker has confirmed about our microphone track."""

    ABSENT = "absent"
    """No track is published: no device, or no session yet."""
    MUTED = "muted"
    OPEN = "open"


class StateWord(StrEnum):
    """The one large word about us."""

    LIVE = "LIVE"
    MUTED = "MUTED"
    DEAFENED = "DEAFENED"
    NO_MIC = "NO MIC"
    CONNECTING = "CONNECTING"
    RECONNECTING = "RECONNECTING"
    ENDED = "ENDED"


def state_word(
    phase: str, mic: str, *, is_starting: bool, is_deafened: bool, is_silent: bool = False
) -> StateWord:
    """The one word that says what others can hear of us.

    Args:
        phase: Value of a CallPhase.
        mic: Value of a MicState.
        is_starting: The room is joined, but nothing is known of the microphone yet.
        is_deafened: Confirmed by the worker.
        is_silent: The microphone is open, and delivers nothing.
    """
    match phase:
        case CallPhase.IDLE | CallPhase.CONNECTING:
            return StateWord.CONNECTING
        case CallPhase.RECONNECTING:
            return StateWord.RECONNECTING
        case CallPhase.ENDED:
            return StateWord.ENDED
    if is_starting:
        return StateWord.CONNECTING
    if is_deafened and mic != MicState.OPEN:
        return StateWord.DEAFENED
    if mic == MicState.ABSENT or (mic == MicState.OPEN and is_silent):
        return StateWord.NO_MIC
    return StateWord.LIVE if mic == MicState.OPEN else StateWord.MUTED
