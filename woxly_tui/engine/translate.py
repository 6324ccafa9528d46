"""The media worker's words as events of the call, with causes in words for people."""

from typing import Final

from woxly_tui.call import events as call
from woxly_tui.call.snapshot import EndReason, ParticipantView, Quality
from woxly_tui.control import messages as control
from woxly_tui.errors import TokenError, UsageError, WoxlyError
from woxly_tui.media import messages as media

_NEW_TOKEN: Final = "ask for a new one, or make one with `woxly token`"

_FAILURES: Final = {
    media.ConnectFailure.TOKEN_EXPIRED: (
        "The token has expired",
        f"{_NEW_TOKEN}; if it is new, check the clocks of this machine and the server",
    ),
    media.ConnectFailure.TOKEN_INVALID: (
        "The server at {server} does not accept the token",
        "it was signed with another secret: check LIVEKIT_API_SECRET, or ask for a token "
        "made for this server",
    ),
    media.ConnectFailure.TOKEN_KEY_UNKNOWN: (
        "The server at {server} does not know this API key",
        "check LIVEKIT_API_KEY, or ask for a token made for this server",
    ),
    media.ConnectFailure.TOKEN_NOT_ALLOWED: (
        "The token does not allow joining this room",
        _NEW_TOKEN,
    ),
    media.ConnectFailure.UNREACHABLE: (
        "Cannot connect to LiveKit server at {server} ({detail})",
        "is it running, and are host and port right? `livekit-server --dev` listens on "
        "ws://localhost:7880",
    ),
    media.ConnectFailure.NOT_LIVEKIT: (
        "What answers at {server} is not a LiveKit server ({detail})",
        "check the port and the path of the URL",
    ),
    media.ConnectFailure.TLS: (
        "No secure connection to {server} ({detail})",
        "use ws:// for a server without TLS; check the certificate of one with it",
    ),
    media.ConnectFailure.MEDIA_BLOCKED: (
        "The server at {server} answers, but no sound can reach it ({detail})",
        "open UDP 7882 or 50000-60000 and TCP 7881 to it, or let the server offer TURN",
    ),
    media.ConnectFailure.OTHER: (
        "Joining failed at {server} ({detail})",
        "the log file has more",
    ),
}

_TOKEN_FAILURES: Final = frozenset(
    {
        media.ConnectFailure.TOKEN_EXPIRED,
        media.ConnectFailure.TOKEN_INVALID,
        media.ConnectFailure.TOKEN_KEY_UNKNOWN,
        media.ConnectFailure.TOKEN_NOT_ALLOWED,
    }
)

_CHAT_FAILURES: Final = {
    media.ChatFailure.NOT_CONNECTED: (
        "The message was not sent: there is no connection",
        "send it again once the call is back",
    ),
    media.ChatFailure.NOT_ALLOWED: (
        "The message was not sent: you may not write in this room",
        "the token needs canPublishData: ask for another one",
    ),
    media.ChatFailure.OTHER: ("The message was not sent ({detail})", "send it again"),
}

_CLOSED: Final = {
    media.DisconnectCause.DUPLICATE_IDENTITY: EndReason.EVICTED,
    media.DisconnectCause.PARTICIPANT_REMOVED: EndReason.REMOVED,
    media.DisconnectCause.ROOM_DELETED: EndReason.ROOM_CLOSED,
}

_LOST: Final = {
    media.DisconnectCause.SERVER_SHUTDOWN: call.Loss.SERVER_SHUTDOWN,
    media.DisconnectCause.JOIN_FAILURE: call.Loss.TOKEN_REFUSED,
}


def sound_act(
    command: control.SetMute | control.ToggleMute | control.SetDeafen | control.ToggleDeafen,
) -> call.SoundAct:
    """What a command about our own sound means to the call."""
    match command:
        case control.SetMute(on=on):
            return call.MuteSet(on)
        case control.ToggleMute():
            return call.MuteToggled()
        case control.SetDeafen(on=on):
            return call.DeafenSet(on)
        case control.ToggleDeafen():
            return call.DeafenToggled()


def chat_failed(event: media.ChatFailed) -> WoxlyError:
    """Why a chat message was not sent."""
    message, remedy = _CHAT_FAILURES[event.failure]
    return WoxlyError(message.format(detail=event.detail or "no details"), remedy)


def credentials_failed(session: int, error: WoxlyError) -> call.JoinFailed:
    """No token could be had for an attempt."""
    is_final = isinstance(error, TokenError | UsageError)
    reason = EndReason.TOKEN if is_final else EndReason.UNREACHABLE
    return call.JoinFailed(session, reason, error.message, error.remedy, is_final=is_final)


def session_report(event: media.WorkerEvent, server: str) -> call.SessionReport | None:
    """What a worker event means to the call; None where it means nothing to it.

    Args:
        event: As the worker said it.
        server: Host and port, for the words.
    """
    match event:
        case media.ConnectFailed():
            return _join_failed(event, server)
        case media.Disconnected():
            return _disconnected(event)
        case media.RemoteUpdated():
            return call.RemoteChanged(event.session, _participant(event))
        case media.RemoteLeft():
            return call.RemoteGone(event.session, event.identity)
        case media.Connected():
            return call.SessionConnected(event.session, event.identity, event.name)
        case media.Reconnecting():
            return call.SessionInterrupted(event.session)
        case media.Reconnected():
            return call.SessionResumed(event.session)
        case media.LinkMeasured():
            return call.LinkChanged(event.session, Quality(event.quality.value), event.rtt_ms)
    return _sound_report(event)


def _sound_report(event: media.WorkerEvent) -> call.SessionReport | None:
    match event:
        case media.AudioReady():
            return call.AudioStarted(
                event.session, event.backend.value, event.has_microphone, event.cause
            )
        case media.AudioLost():
            return call.SessionLost(event.session, call.Loss.AUDIO, event.cause)
        case media.MicrophoneSilent():
            return call.MicrophoneSilent(event.session, event.cause)
        case media.SoundReturned():
            return call.SoundReturned(event.session)
        case media.MicrophoneApplied():
            return call.MicrophoneApplied(event.session, event.request, event.is_open)
        case media.DeafenApplied():
            return call.DeafenApplied(event.session, event.request, event.on)
    return None


def _join_failed(event: media.ConnectFailed, server: str) -> call.JoinFailed:
    message, remedy = _FAILURES[event.failure]
    is_token = event.failure in _TOKEN_FAILURES
    return call.JoinFailed(
        event.session,
        EndReason.TOKEN if is_token else EndReason.UNREACHABLE,
        message.format(server=server, detail=event.detail or "no details"),
        remedy,
    )


def _disconnected(event: media.Disconnected) -> call.SessionReport:
    if (reason := _CLOSED.get(event.cause)) is not None:
        return call.SessionClosed(event.session, reason)
    return call.SessionLost(event.session, _LOST.get(event.cause, call.Loss.CONNECTION))


def _participant(event: media.RemoteUpdated) -> ParticipantView:
    return ParticipantView(
        identity=event.identity,
        name=event.name,
        is_muted=event.is_muted,
        is_deafened=event.is_deafened,
        has_microphone=event.has_microphone,
        is_connecting=event.is_connecting,
        quality=Quality(event.quality.value),
        hears_us=event.hears_us,
        is_recording=event.is_recording,
        plays=event.plays,
    )
