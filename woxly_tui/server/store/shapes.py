"""From rows to what the wire has."""

from collections.abc import Iterable
from typing import Any

from woxly_tui.server.db.models import Friendship, Member, Message, Reaction, Room, User
from woxly_tui.server.store.uploads import url_of
from woxly_tui.wire import rest
from woxly_tui.wire.shape import wire_time, wire_time_or_none


def _public(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "woxly_id": user.woxly_id,
        "username": user.username,
        "user_tag": user.user_tag,
        "avatar_url": user.avatar_url,
        "status": user.status,
        "badge": user.badge,
        "badge_color": user.badge_color,
    }


def _registered(user: User) -> dict[str, Any]:
    return {
        **_public(user),
        "email": user.email,
        "email_verified": user.email_verified,
        "created_at": wire_time(user.created_at),
    }


def _own(user: User) -> dict[str, Any]:
    return {
        **_registered(user),
        "bio": user.bio,
        "updated_at": wire_time(user.updated_at),
    }


def public_user(user: User) -> rest.PublicUser:
    """A user as everybody may see them."""
    return rest.PublicUser(
        **_public(user),
    )


def profile(user: User) -> rest.Profile:
    """A user looked up."""
    return rest.Profile(
        **_public(user),
        bio=user.bio,
        created_at=wire_time(user.created_at),
    )


def registered_user(user: User) -> rest.RegisteredUser:
    """Oneself, just registered."""
    return rest.RegisteredUser(
        **_registered(user),
    )


def own_user(user: User) -> rest.OwnUser:
    """Oneself."""
    return rest.OwnUser(
        **_own(user),
    )


def login_user(user: User) -> rest.LoginUser:
    """Oneself, just signed in: never the password hash, a code or a secret."""
    return rest.LoginUser(
        **_own(user),
        public_key=user.public_key,
        two_factor_enabled=user.two_factor_enabled,
    )


def nameplate(user: User) -> rest.Nameplate:
    """The least there is to say about a user."""
    return rest.Nameplate(id=user.id, username=user.username, avatar_url=user.avatar_url)


def sender(user: User) -> rest.MessageSender:
    """Who wrote or reacted."""
    return rest.MessageSender(id=user.id, username=user.username)


# --- friends -----------------------------------------------------------------------------


def note_of(row: Friendship, reader_id: int) -> str | None:
    """The reader's own note."""
    return row.user_note if row.user_id == reader_id else row.friend_note


def friend(row: Friendship, user: User, reader_id: int) -> rest.Friend:
    """The other side of a friendship."""
    return rest.Friend(
        **_public(user),
        note=note_of(row, reader_id),
        friendship_id=row.id,
        created_at=wire_time(row.created_at),
    )


def friendship(row: Friendship, reader_id: int) -> rest.Friendship:
    """How two stand to each other."""
    return rest.Friendship(
        id=row.id,
        user_id=row.user_id,
        friend_id=row.friend_id,
        status=row.status,
        note=note_of(row, reader_id),
        created_at=wire_time(row.created_at),
        updated_at=wire_time(row.updated_at),
    )


def friend_request(row: Friendship, asker: User) -> rest.FriendRequest:
    """A request as the one who is asked sees it."""
    return rest.FriendRequest(
        id=row.id,
        user_id=row.user_id,
        friend_id=row.friend_id,
        status=row.status,
        note=row.friend_note,
        created_at=wire_time(row.created_at),
        updated_at=wire_time(row.updated_at),
        user=public_user(asker),
    )


# --- rooms -------------------------------------------------------------------------------


def member(row: Member) -> rest.Member:
    """A member with their user, which must be loaded."""
    user = row.user
    return rest.Member(
        id=row.id,
        room_id=row.room_id,
        user_id=row.user_id,
        status=row.status,
        joined_at=wire_time_or_none(row.joined_at),
        left_at=wire_time_or_none(row.left_at),
        last_read_at=wire_time_or_none(row.last_read_at),
        custom_room_name=row.custom_room_name,
        custom_room_avatar=row.custom_room_avatar,
        created_at=wire_time(row.created_at),
        user=rest.ParticipantUser(**_public(user)),
    )


def _room(row: Room) -> dict[str, Any]:
    owner = row.owner
    return {
        "id": row.id,
        "name": row.name,
        "type": row.type,
        "owner_id": row.owner_id,
        "is_private": row.is_private,
        "avatar_url": row.avatar_url,
        "created_at": wire_time(row.created_at),
        "updated_at": wire_time(row.updated_at),
        "owner": rest.BadgedNameplate(
            id=owner.id,
            username=owner.username,
            avatar_url=owner.avatar_url,
            badge=owner.badge,
            badge_color=owner.badge_color,
        ),
    }


def room(row: Room, members: Iterable[Member]) -> rest.Room:
    """A room with some of its members."""
    return rest.Room(
        **_room(row),
        members=[member(one) for one in members],
    )


def listed_room(row: Room, last: Message | None, unread_count: int) -> rest.ListedRoom:
    """A room in the list of somebody's rooms, with members of every status."""
    return rest.ListedRoom(
        **_room(row),
        members=[member(one) for one in row.members],
        last_message=None
        if last is None
        else rest.LastMessage(
            id=last.id,
            content=last.content,
            type=last.type,
            created_at=wire_time(last.created_at),
            sender_id=last.sender_id,
            sender=sender(last.sender),
        ),
        unread_count=unread_count,
    )


# --- messages ----------------------------------------------------------------------------


def reactions(rows: Iterable[Reaction]) -> list[rest.Reaction]:
    """Who reacted with what, in the order of the first of each."""
    by_emoji: dict[str, list[rest.MessageSender]] = {}
    for row in rows:
        by_emoji.setdefault(row.emoji, []).append(sender(row.user))
    return [
        rest.Reaction(emoji=emoji, count=len(users), users=users)
        for emoji, users in by_emoji.items()
    ]


def message(row: Message) -> rest.Message:
    """A message with sender, reactions and what it answers, which must be loaded."""
    answered, file = row.reply_to, row.upload
    return rest.Message(
        id=row.id,
        room_id=row.room_id,
        sender_id=row.sender_id,
        content=row.content,
        type=row.type,
        reply_to_id=row.reply_to_id,
        file_url=None if file is None else url_of(file),
        file_name=None if file is None else file.name,
        file_size=None if file is None else file.size,
        file_mime_type=None if file is None else file.mime,
        duration=None if file is None else file.seconds,
        is_encrypted=False,
        is_edited=row.is_edited,
        created_at=wire_time(row.created_at),
        updated_at=wire_time(row.updated_at),
        deleted_at=wire_time_or_none(row.deleted_at),
        sender=public_user(row.sender),
        reply_to=None
        if answered is None
        else rest.RepliedMessage(
            id=answered.id,
            content="" if answered.deleted_at else answered.content,
            type=answered.type,
            sender_id=answered.sender_id,
            sender=sender(answered.sender),
        ),
        reactions=reactions(row.reactions),
    )
