"""What engine and media worker say to each other about the chat; see `messages`."""

from dataclasses import dataclass
from enum import StrEnum

from woxly_tui.types import Identity


class ChatFailure(StrEnum):
    """Why a chat message was not sent."""

    NOT_CONNECTED = "not_connected"
    NOT_ALLOWED = "not_allowed"
    """The token, or a moderator, does not let us send data."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class SendChat:
    """Say something to the room; answered by ChatSent or ChatFailed."""

    request: int
    text: str


@dataclass(frozen=True, slots=True)
class ChatReceived:
    """Somebody said something in the chat of the room."""

    session: int
    identity: Identity
    name: str
    """Already cleaned for display, as is the text."""
    text: str
    """Empty where only files were sent."""
    files: int = 0
    """How many files came with it; they are not taken."""


@dataclass(frozen=True, slots=True)
class ChatFlooded:
    """Somebody sends more than is taken; said once in a while. Some of it is lost."""

    session: int
    identity: Identity
    name: str


@dataclass(frozen=True, slots=True)
class ChatSent:
    """The message is on its way to everybody in the room."""

    request: int


@dataclass(frozen=True, slots=True)
class ChatFailed:
    """The message was not sent."""

    request: int
    failure: ChatFailure
    detail: str = ""
