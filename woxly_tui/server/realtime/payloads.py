"""What clients send over Socket.IO, checked as strictly as bodies of requests."""

from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, Field

from woxly_tui.server.fields import Body, Id, Line, is_filled, refused
from woxly_tui.server.texts import Text
from woxly_tui.wire.words import MAX_MESSAGE_CHARS

MAX_SIGNAL_CHARS: Final = 64_000
"""Longest session description relayed; a browser's is some 4,000."""


def _some(value: str) -> str:
    if not is_filled(value):
        raise refused(Text.MESSAGE_EMPTY)
    return value


def _small(value: Any) -> Any:
    if _size(value) > MAX_SIGNAL_CHARS:
        raise refused(Text.TOO_LARGE)
    return value


def _size(value: Any, depth: int = 0) -> int:
    """Roughly how long a value is as JSON; what nests deeper than any signal counts as huge."""
    if depth > 8:
        return MAX_SIGNAL_CHARS + 1
    if isinstance(value, dict):
        return sum(len(str(key)) + _size(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return sum(_size(item, depth + 1) for item in value)
    return len(value) if isinstance(value, str) else 8


Signal = Annotated[dict[str, Any], AfterValidator(_small)]


class RoomPayload(Body):
    room_id: Id


class LeaveRoomPayload(Body):
    room_id: Id
    permanent: bool = False


class SendMessagePayload(Body):
    room_id: Id
    content: Annotated[Line, Field(max_length=MAX_MESSAGE_CHARS), AfterValidator(_some)]
    reply_to_id: Id | None = None


class TypingPayload(Body):
    room_id: Id
    is_typing: bool


class StatusPayload(Body):
    status: Literal["online", "away", "busy", "offline"]


class CallFriendPayload(Body):
    friend_id: Id
    room_id: Id | None = None


class FriendPayload(Body):
    friend_id: Id


class FromPayload(Body):
    caller: Annotated[int, Field(alias="from", ge=1, le=2**31 - 1)]


class ToPayload(Body):
    to: Id


class OfferPayload(Body):
    to: Id
    offer: Signal


class AnswerPayload(Body):
    to: Id
    answer: Signal


class CandidatePayload(Body):
    to: Id
    candidate: Signal | None
