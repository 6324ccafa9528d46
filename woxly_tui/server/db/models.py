"""The tables. Times are whole milliseconds since 1970: every database sorts them alike."""

from typing import Final

from sqlalchemy import BigInteger, ForeignKey, Index, MetaData, String, Text, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}
"""Fixed names, so that migrations can speak of constraints on every database."""


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    woxly_id: Mapped[str] = mapped_column(String(12), unique=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    username: Mapped[str] = mapped_column(String(64), index=True)
    username_key: Mapped[str] = mapped_column(String(64), index=True)
    """The name without its case, for searching: databases differ beyond ASCII."""
    user_tag: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(255))
    avatar_url: Mapped[str | None] = mapped_column(String(500))
    status: Mapped[str] = mapped_column(String(16), default="offline")
    bio: Mapped[str | None] = mapped_column(String(500))
    badge: Mapped[str | None] = mapped_column(String(64))
    badge_color: Mapped[str | None] = mapped_column(String(32))
    email_verified: Mapped[bool] = mapped_column(default=False)
    public_key: Mapped[str | None] = mapped_column(Text)
    two_factor_secret: Mapped[str | None] = mapped_column(String(64))
    two_factor_enabled: Mapped[bool] = mapped_column(default=False)
    two_factor_used: Mapped[int | None] = mapped_column(BigInteger)
    """The time step of the last code taken, so that none works twice."""
    banned_at: Mapped[int | None] = mapped_column(BigInteger, index=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)


class AuthSession(Base):
    """One sign-in on one device: the family of refresh tokens that came from it."""

    __tablename__ = "auth_sessions"
    __table_args__ = (Index(None, "user_id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    generation: Mapped[int] = mapped_column(default=0)
    """Which refresh token of the family is the one to come next."""
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class EmailCode(Base):
    """A code sent by mail; only its hash is kept."""

    __tablename__ = "email_codes"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True
    )
    purpose: Mapped[str] = mapped_column(String(16), primary_key=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[int] = mapped_column(BigInteger)
    tries_left: Mapped[int] = mapped_column(default=5)


class Friendship(Base):
    """`user_id` asked `friend_id`; each side has a note and a block of its own."""

    __tablename__ = "friendships"
    __table_args__ = (UniqueConstraint("low_id", "high_id"), Index(None, "friend_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    friend_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    low_id: Mapped[int]
    high_id: Mapped[int]
    status: Mapped[str] = mapped_column(String(16))
    blocked_by_user: Mapped[bool] = mapped_column(default=False)
    blocked_by_friend: Mapped[bool] = mapped_column(default=False)
    user_note: Mapped[str | None] = mapped_column(String(200))
    friend_note: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)


class Room(Base):
    __tablename__ = "rooms"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), default="")
    type: Mapped[str] = mapped_column(String(8))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    is_private: Mapped[bool] = mapped_column(default=True)
    avatar_url: Mapped[str | None] = mapped_column(String(500))
    dm_key: Mapped[str | None] = mapped_column(String(24), unique=True)
    """`3:8` for the DM of users 3 and 8, so that there is only one."""
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)

    owner: Mapped[User] = relationship(lazy="raise")
    members: Mapped[list["Member"]] = relationship(
        lazy="raise", order_by="Member.id", back_populates="room", passive_deletes=True
    )


class Member(Base):
    __tablename__ = "room_members"
    __table_args__ = (UniqueConstraint("room_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    status: Mapped[str] = mapped_column(String(16))
    joined_at: Mapped[int | None] = mapped_column(BigInteger)
    left_at: Mapped[int | None] = mapped_column(BigInteger)
    last_read_at: Mapped[int | None] = mapped_column(BigInteger)
    custom_room_name: Mapped[str | None] = mapped_column(String(100))
    custom_room_avatar: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[int] = mapped_column(BigInteger)

    user: Mapped[User] = relationship(lazy="raise")
    room: Mapped[Room] = relationship(lazy="raise", back_populates="members")


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (Index(None, "room_id", "id"), Index(None, "sender_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    sender_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    content: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(String(8), default="text")
    reply_to_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"))
    is_edited: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)
    deleted_at: Mapped[int | None] = mapped_column(BigInteger)

    sender: Mapped[User] = relationship(lazy="raise")
    reply_to: Mapped["Message | None"] = relationship(lazy="raise", remote_side="Message.id")
    reactions: Mapped[list["Reaction"]] = relationship(
        lazy="raise", order_by="Reaction.id", passive_deletes=True
    )
    upload: Mapped["Upload | None"] = relationship(lazy="raise", passive_deletes=True)


class Upload(Base):
    """A file that somebody sent; its bytes are in the data folder, under the same name."""

    __tablename__ = "uploads"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    """What nobody guesses: whoever knows it may fetch the file."""
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(
        ForeignKey("messages.id", ondelete="CASCADE"), unique=True
    )
    """None for the picture of a user or a room."""
    name: Mapped[str] = mapped_column(String(120))
    mime: Mapped[str] = mapped_column(String(100))
    """As its sender calls it, or as it was found to be where that was looked at."""
    size: Mapped[int] = mapped_column(BigInteger)
    is_shown: Mapped[bool] = mapped_column(default=False)
    """Safe to be opened in a browser; all else is only ever saved."""
    seconds: Mapped[int | None]
    """How long a voice message is."""
    created_at: Mapped[int] = mapped_column(BigInteger)


class Reaction(Base):
    __tablename__ = "message_reactions"
    __table_args__ = (UniqueConstraint("message_id", "user_id", "emoji"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    emoji: Mapped[str] = mapped_column(String(32))
    created_at: Mapped[int] = mapped_column(BigInteger)

    user: Mapped[User] = relationship(lazy="raise")


class MissedCall(Base):
    __tablename__ = "missed_calls"
    __table_args__ = (Index(None, "callee_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    callee_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    caller_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id", ondelete="SET NULL"))
    reason: Mapped[str] = mapped_column(String(24))
    rang_at: Mapped[int] = mapped_column(BigInteger)
    seen_at: Mapped[int | None] = mapped_column(BigInteger)

    caller: Mapped[User] = relationship(lazy="raise", foreign_keys=[caller_id])


class CallSession(Base):
    """One call of a room as LiveKit had it; `sid` is LiveKit's name for it."""

    __tablename__ = "call_sessions"
    __table_args__ = (Index(None, "room_id", "id"), Index(None, "ended_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"))
    sid: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int | None] = mapped_column(BigInteger)

    participants: Mapped[list["CallParticipant"]] = relationship(
        lazy="raise", order_by="CallParticipant.id", passive_deletes=True
    )


class CallParticipant(Base):
    """One stay of somebody in a call; `sid` is LiveKit's name for it."""

    __tablename__ = "call_participants"
    __table_args__ = (UniqueConstraint("session_id", "sid"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("call_sessions.id", ondelete="CASCADE"))
    sid: Mapped[str] = mapped_column(String(64))
    identity: Mapped[str] = mapped_column(String(128))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    name: Mapped[str] = mapped_column(String(128))
    joined_at: Mapped[int] = mapped_column(BigInteger)
    left_at: Mapped[int | None] = mapped_column(BigInteger)


class WebhookSeen(Base):
    """Webhook events that were dealt with, so that a repeated one changes nothing."""

    __tablename__ = "webhooks_seen"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    received_at: Mapped[int] = mapped_column(BigInteger, index=True)


class Invite(Base):
    """A link that lets guests into the calls of one room; only the hash of its code is kept."""

    __tablename__ = "invites"

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[int | None] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), index=True
    )
    """The member who made it; null where whoever runs the server did."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    max_uses: Mapped[int]
    uses: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger, index=True)
    revoked_at: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Guest(Base):
    """Somebody without an account whom an invite let in; only the hash of their token is kept."""

    __tablename__ = "guests"

    identity: Mapped[str] = mapped_column(String(32), primary_key=True)
    """Never a number, so never a user's."""
    invite_id: Mapped[int] = mapped_column(ForeignKey("invites.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(128))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[int] = mapped_column(BigInteger)
    expires_at: Mapped[int] = mapped_column(BigInteger)
