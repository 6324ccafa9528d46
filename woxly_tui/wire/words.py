"""The words that stand for states on the wire, and the limits a server keeps."""

from enum import StrEnum
from typing import Final


class UserStatus(StrEnum):
    """What friends see of a user."""

    ONLINE = "online"
    AWAY = "away"
    BUSY = "busy"
    OFFLINE = "offline"


class RoomType(StrEnum):
    """DM: two people. GROUP: a call by invitation. VOICE: a room to drop in."""

    DM = "DM"
    GROUP = "GROUP"
    VOICE = "VOICE"


class MemberStatus(StrEnum):
    """How somebody stands to a room."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LEFT = "left"


class FriendStatus(StrEnum):
    """How two users stand to each other."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    BLOCKED = "blocked"


class MessageType(StrEnum):
    """What a message holds."""

    TEXT = "text"
    IMAGE = "image"
    FILE = "file"
    VOICE = "voice"
    SYSTEM = "system"


class RingEnd(StrEnum):
    """Why a ring was over before anybody talked."""

    REJECTED = "rejected"
    BUSY = "busy"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    CALLER_GONE = "caller-gone"
    ANSWERED_ELSEWHERE = "answered-elsewhere"
    REJECTED_ELSEWHERE = "rejected-elsewhere"


MAX_ID: Final = 2**31 - 1
MAX_ROOM_NAME_CHARS: Final = 100
MAX_MESSAGE_CHARS: Final = 2000
MAX_BIO_CHARS: Final = 500
MAX_NOTE_CHARS: Final = 200
MIN_USERNAME_CHARS: Final = 5
MAX_USERNAME_CHARS: Final = 13
MIN_PASSWORD_CHARS: Final = 8
MAX_PASSWORD_CHARS: Final = 200
MAX_EMAIL_CHARS: Final = 254

RING_TIMEOUT_S: Final = 45.0
"""How long a server lets a ring go on."""


def livekit_room(room_id: int) -> str:
    """What a room is called on the LiveKit server."""
    return f"room-{room_id}"
