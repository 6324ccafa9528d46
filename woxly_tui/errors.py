"""Every error woxly raises, and the exit code each ends a command with.

WoxlyError
├── UsageError                  what was typed cannot be done
│   ├── ConfigError             the configuration file
│   └── CredentialsMissing      no token, and no key with secret
├── TokenError                  malformed, expired, or for another server or room
├── ServerUnreachable           nothing, or not a LiveKit server, answers at the URL
├── LobbyRefused                a Woxly server will not, or cannot
│   ├── LobbyFailed             it failed, and may not the next time
│   └── SignInNeeded            and only signing in helps
├── MediaError                  the media worker or an audio device
├── SfuError                    finding, installing or running livekit-server
├── NoCall                      there is no call to do that in
│   └── NoEngine                nor an engine that could be in one
├── EngineLost                  the engine ended, or does not answer
└── ProtocolError               a message between processes that cannot be read
"""

from enum import IntEnum
from typing import ClassVar, Final


class ExitCode(IntEnum):
    """What a woxly command ends with; documented in the README."""

    OK = 0
    FAILED = 1
    USAGE = 2
    TOKEN = 3
    UNREACHABLE = 4
    EVICTED = 5
    REMOVED = 6
    ROOM_CLOSED = 7
    MEDIA = 8
    SFU = 9
    NO_CALL = 10
    DECLINED = 11
    BUSY = 12
    NO_ANSWER = 13
    OFFLINE = 14


INTERRUPTED: Final = 130
"""Exit code after Ctrl-C, as shells expect it."""


class WoxlyError(Exception):
    """Something a person must hear about: what happened, and what to do.

    Args:
        message: What happened, a sentence without a full stop.
        remedy: What the person can do; empty where nothing helps.
    """

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}: {self.remedy}" if self.remedy else self.message


class UsageError(WoxlyError):
    exit_code = ExitCode.USAGE


class ConfigError(UsageError):
    """The configuration file cannot be used as it is."""


class CredentialsMissing(UsageError):
    """Neither a token nor a key with its secret is known."""


class TokenError(WoxlyError):
    exit_code = ExitCode.TOKEN


class ServerUnreachable(WoxlyError):
    exit_code = ExitCode.UNREACHABLE


class LobbyRefused(WoxlyError):
    """A Woxly server refuses, or fails."""


class LobbyFailed(LobbyRefused):
    """A Woxly server failed; another try may succeed."""


class SignInNeeded(LobbyRefused):
    """Only signing in helps."""

    exit_code = ExitCode.TOKEN


class MediaError(WoxlyError):
    exit_code = ExitCode.MEDIA


class SfuError(WoxlyError):
    exit_code = ExitCode.SFU


class NoCall(WoxlyError):
    """No call runs."""

    exit_code = ExitCode.NO_CALL


class NoEngine(NoCall):
    """Nobody listens on the engine's socket.

    Args:
        message: What happened.
        remedy: What the person can do.
        lost_room: The room of a call that an engine died in; empty where none did.
    """

    def __init__(self, message: str, remedy: str = "", *, lost_room: str = "") -> None:
        super().__init__(message, remedy)
        self.lost_room = lost_room


class EngineLost(WoxlyError):
    """The engine ended, or does not answer."""


class ProtocolError(WoxlyError):
    """A message between processes cannot be read."""
