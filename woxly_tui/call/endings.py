"""Why calls end, in words for people."""

from typing import Final

from woxly_tui.call.snapshot import Ending, EndReason

SOUND_GIVEN_UP: Final = (
    "The sound stopped three times, so the call goes on without it: check microphone and "
    "speaker, then rejoin"
)


def left() -> Ending:
    """The user left."""
    return Ending(EndReason.LEFT, "You left the call")


def closed(reason: EndReason) -> Ending:
    """The server ended our part of the call."""
    match reason:
        case EndReason.EVICTED:
            return Ending(
                reason,
                "You joined this call from somewhere else with the same identity",
                "go on there, or rejoin here to take it back",
            )
        case EndReason.REMOVED:
            return Ending(reason, "A moderator removed you from the room", "ask them, then rejoin")
        case EndReason.ROOM_CLOSED:
            return Ending(reason, "The room was closed", "rejoin to open it again")
    return Ending(reason, "The call ended")


def no_answer(server: str) -> Ending:
    """The first attempt took longer than anyone would wait."""
    return Ending(
        EndReason.UNREACHABLE,
        f"No answer from {server or 'the server'}",
        "check the address, and that TCP and UDP to it are not blocked",
    )


def no_media(what: str, detail: str) -> Ending:
    """The media worker did not survive long enough to join."""
    said = f": {detail}" if detail else ""
    return Ending(
        EndReason.MEDIA,
        f"Could not start the call, {what}{said}",
        "the log file has more; `woxly join --backend null` joins without sound",
    )
