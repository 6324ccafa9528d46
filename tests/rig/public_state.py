"""What the public server of the contract keeps, and the shapes in which it shows that.

Written from the contract's text alone; error texts are those of section 1.
"""

import random
import time
from dataclasses import dataclass, field
from typing import Any, Final

import jwt

from woxly_tui.wire.shape import wire_time

ACCESS_SECRET: Final = "an access secret of the scripted public server, 32+"
REFRESH_SECRET: Final = "a refresh secret of the scripted public server, 32+"


@dataclass
class Quirks:
    """The oddities of the contract's sections 2 and 6, each of which a test may switch off."""

    loses_early_events: bool = True
    """2.2: handlers are there only `ready_after_s` after the connect."""
    ready_after_s: float = 0.2
    has_no_acks: bool = True
    """B3."""
    doubles_presence: bool = True
    """B8: at once, and after `double_after_s`."""
    double_after_s: float = 0.1
    is_offline_at_first_disconnect: bool = True
    """B7: even while another device is connected."""
    forces_online: bool = True
    """2.5: a connect overwrites away and busy."""
    downgrades_callees: bool = True
    """B4."""
    lets_callers_in: bool = True
    """B5."""
    keeps_stale_calls: bool = True
    """B6: entries stay after end-call and disconnect."""
    fails_at_unknown_ids: bool = True
    """B14: 500 where 404 would be right."""
    answers_errors_in_html: bool = True
    """B14: broken JSON and what is too large."""
    dies_of_bad_payloads: bool = True
    """B1: the process ends; here, it answers nothing more."""
    leaks_secrets: bool = True
    """B12: the user of login holds `emailCode` and `twoFactorSecret`."""
    access_s: float = 900.0
    refresh_s: float = 7 * 86400.0


@dataclass
class User:
    id: int
    email: str
    username: str
    password: str
    woxly_id: str
    tag: str
    status: str = "offline"

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "woxlyId": self.woxly_id,
            "username": self.username,
            "userTag": self.tag,
            "avatarUrl": None,
            "status": self.status,
            "badge": None,
            "badgeColor": None,
        }


@dataclass
class Friendship:
    id: int
    asker: int
    asked: int
    status: str = "pending"
    note: str | None = None
    created: str = ""

    def other(self, user: int) -> int:
        return self.asked if user == self.asker else self.asker

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "userId": self.asker,
            "friendId": self.asked,
            "status": self.status,
            "note": self.note,
            "createdAt": self.created,
            "updatedAt": self.created,
        }


@dataclass
class Member:
    user: int
    status: str
    left_at: str | None = None
    last_read: str | None = None


@dataclass
class Room:
    id: int
    name: str
    type: str
    owner: int
    is_private: bool
    created: str
    members: dict[int, Member] = field(default_factory=dict)


@dataclass
class Message:
    id: int
    room: int
    sender: int
    content: str
    type: str = "text"
    reply_to: int | None = None
    deleted_at: str | None = None
    created: str = ""
    file: dict[str, Any] = field(default_factory=dict)
    reactions: list[tuple[int, str]] = field(default_factory=list)


@dataclass
class CallEntry:
    """2.6: one for each user, in memory."""

    peer: int
    room: int | None
    started_at: str


def stamp() -> str:
    return wire_time(time.time_ns() // 1_000_000)


class PublicState:
    """Everything in memory."""

    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self.users: dict[int, User] = {}
        self.friendships: dict[int, Friendship] = {}
        self.rooms: dict[int, Room] = {}
        self.messages: list[Message] = []
        self.calls: dict[int, CallEntry] = {}
        self.is_dead = False
        self._last_id = 0
        self._random = random.Random(1)

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    # tokens

    def access_token(self, user: int) -> str:
        return self._token(user, self.quirks.access_s, ACCESS_SECRET)

    def refresh_token(self, user: int) -> str:
        return self._token(user, self.quirks.refresh_s, REFRESH_SECRET)

    @staticmethod
    def _token(user: int, lasts_s: float, secret: str) -> str:
        now = time.time()
        claims = {"userId": user, "iat": int(now), "exp": now + lasts_s}
        return jwt.encode(claims, secret, algorithm="HS256")

    @staticmethod
    def read_token(token: Any, secret: str = ACCESS_SECRET) -> int | None:
        try:
            return int(jwt.decode(token, secret, algorithms=["HS256"])["userId"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError):
            return None

    # people

    def add_user(self, email: str, username: str, password: str) -> User:
        number = self.next_id()
        tag = f"{self._random.randrange(10_000):04d}"
        user = User(number, email, username, password, f"WX{1000 + number}", tag)
        self.users[number] = user
        return user

    def befriend(self, one: int, other: int, status: str = "accepted") -> Friendship:
        made = Friendship(self.next_id(), one, other, status, created=stamp())
        self.friendships[made.id] = made
        return made

    def friendship(self, one: int, other: int) -> Friendship | None:
        pair = {one, other}
        return next((f for f in self.friendships.values() if {f.asker, f.asked} == pair), None)

    def friends_of(self, user: int) -> list[Friendship]:
        return [
            one
            for one in self.friendships.values()
            if user in (one.asker, one.asked) and one.status == "accepted"
        ]

    # rooms

    def add_room(self, kind: str, name: str, owner: int, invited: list[int]) -> Room:
        room = Room(self.next_id(), name, kind, owner, is_private=True, created=stamp())
        room.members[owner] = Member(owner, "accepted")
        for one in invited:
            room.members[one] = Member(one, "accepted" if kind == "DM" else "pending")
        self.rooms[room.id] = room
        return room

    def dm(self, one: int, other: int) -> Room | None:
        pair = {one, other}
        return next(
            (r for r in self.rooms.values() if r.type == "DM" and set(r.members) == pair), None
        )

    def is_accepted(self, room: int, user: int) -> bool:
        found = self.rooms.get(room)
        member = found.members.get(user) if found is not None else None
        return member is not None and member.status == "accepted"

    def shown_room(self, room: Room, *, only_accepted: bool = False) -> dict[str, Any]:
        owner = self.users[room.owner]
        rows = [
            one for one in room.members.values() if not only_accepted or one.status == "accepted"
        ]
        return {
            "id": room.id,
            "name": room.name,
            "type": room.type,
            "ownerId": room.owner,
            "isPrivate": room.is_private,
            "avatarUrl": None,
            "createdAt": room.created,
            "updatedAt": room.created,
            "owner": {"id": owner.id, "username": owner.username, "avatarUrl": None},
            "members": [
                {
                    "id": room.id * 1000 + one.user,
                    "roomId": room.id,
                    "userId": one.user,
                    "status": one.status,
                    "joinedAt": room.created,
                    "leftAt": one.left_at,
                    "lastReadAt": one.last_read,
                    "customRoomName": None,
                    "customRoomAvatar": None,
                    "createdAt": room.created,
                    "user": self.users[one.user].shown(),
                }
                for one in rows
            ],
        }

    def listed_rooms(self, user: int) -> list[dict[str, Any]]:
        listed = []
        for room in self.rooms.values():
            own = room.members.get(user)
            if own is None or own.status not in ("accepted", "pending"):
                continue
            if room.type != "DM" and own.left_at is not None:  # B10
                continue
            said = [one for one in self.messages if one.room == room.id and not one.deleted_at]
            read_up_to = own.last_read or ""
            unread = [one for one in said if one.sender != user and one.created > read_up_to]
            last = said[-1] if said else None
            listed.append(
                {
                    **self.shown_room(room),
                    "lastMessage": None
                    if last is None
                    else {
                        "id": last.id,
                        "content": last.content,
                        "type": last.type,
                        "createdAt": last.created,
                        "senderId": last.sender,
                        "sender": {"id": last.sender, "username": self.users[last.sender].username},
                    },
                    "unreadCount": len(unread),
                }
            )
        listed.sort(key=lambda one: (one["lastMessage"] or {}).get("createdAt", ""), reverse=True)
        return listed

    # messages

    def add_message(self, room: int, sender: int, content: str, **rest: Any) -> Message:
        message = Message(self.next_id(), room, sender, content, created=stamp(), **rest)
        self.messages.append(message)
        return message

    def message(self, number: int) -> Message | None:
        return next((one for one in self.messages if one.id == number), None)

    def shown_message(self, one: Message, *, over_socket: bool = False) -> dict[str, Any]:
        answered = None if one.reply_to is None else self.message(one.reply_to)
        shown = {
            "id": one.id,
            "roomId": one.room,
            "senderId": one.sender,
            "content": one.content,
            "type": one.type,
            "replyToId": one.reply_to,
            "fileUrl": None,
            "fileName": None,
            "fileSize": None,
            "fileMimeType": None,
            "duration": None,
            "isEncrypted": False,
            "isEdited": False,
            "createdAt": one.created,
            "updatedAt": one.created,
            "deletedAt": one.deleted_at,
            "sender": self.users[one.sender].shown(),
            "replyTo": None if answered is None else self.shown_message(answered),
            **one.file,
        }
        return shown if over_socket else {**shown, "reactions": self.shown_reactions(one)}

    def shown_reactions(self, one: Message) -> list[dict[str, Any]]:
        by_emoji: dict[str, list[dict[str, Any]]] = {}
        for user, emoji in one.reactions:
            shown = {"id": user, "username": self.users[user].username}
            by_emoji.setdefault(emoji, []).append(shown)
        return [{"emoji": key, "count": len(who), "users": who} for key, who in by_emoji.items()]
