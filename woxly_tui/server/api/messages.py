"""/api/messages: text, replies, edits, reactions, read marks. Each change is an event, too."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import AfterValidator, Field

from woxly_tui.server import limiter
from woxly_tui.server.db.models import Upload
from woxly_tui.server.fields import Body, Id, Line, is_filled, refused
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.services import Core, Me, Services, limit
from woxly_tui.server.store import messages, rooms, shapes, uploads
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.events import MessageGone, MessageReacted, MessagesRead, ServerEvent
from woxly_tui.wire.shape import wire_time
from woxly_tui.wire.words import MAX_ID, MAX_MESSAGE_CHARS, MemberStatus

router: Final = APIRouter(prefix="/api/messages", tags=["messages"])

MessageId = Annotated[int, Path(ge=1, le=MAX_ID)]


def _some(value: str) -> str:
    if not is_filled(value):
        raise refused(Text.MESSAGE_EMPTY)
    return value


Content = Annotated[Line, Field(max_length=MAX_MESSAGE_CHARS), AfterValidator(_some)]


class SendBody(Body):
    room_id: Id
    content: Content
    type: Literal["text", "image", "file", "system"] = "text"
    reply_to_id: Id | None = None


class ReplyBody(Body):
    room_id: Id
    content: Content
    reply_to_id: Id


class EditBody(Body):
    content: Content


class ReactBody(Body):
    emoji: Annotated[Line, Field(min_length=1, max_length=32)]


@router.get("")
async def list_messages(
    me: Me,
    core: Core,
    room_id: Annotated[int | None, Query(alias="roomId", ge=1, le=MAX_ID)] = None,
    limit: Annotated[int, Query(ge=1, le=100_000)] = 50,
    offset: Annotated[int, Query(ge=0, le=MAX_ID)] = 0,
) -> rest.MessagesAnswer:
    """A page counted from the newest, oldest first; 200 messages at most."""
    if room_id is None:
        raise Problem(400, Text.ROOM_ID_NEEDED)
    async with core.db.read() as db:
        is_in = await rooms.status_of(db, room_id, me.user_id) == MemberStatus.ACCEPTED
    if not is_in:
        async with core.db.write() as db:
            await messages.check_reader(db, room_id, me.user_id)
    async with core.db.read() as db:
        found = await messages.page(db, room_id, limit=limit, offset=offset)
    return rest.MessagesAnswer(messages=[shapes.message(row) for row in found])


@router.post("", status_code=201)
async def send_message(body: SendBody, me: Me, core: Core) -> rest.MessageAnswer:
    """Write to a room."""
    await limit(core, limiter.MESSAGE, me.user_id)
    return rest.MessageAnswer(
        message=await write(
            core, body.room_id, me.user_id, body.content, body.type, body.reply_to_id
        )
    )


@router.post("/reply", status_code=201)
async def reply(body: ReplyBody, me: Me, core: Core) -> rest.MessageAnswer:
    """Answer a message."""
    await limit(core, limiter.MESSAGE, me.user_id)
    return rest.MessageAnswer(
        message=await write(core, body.room_id, me.user_id, body.content, "text", body.reply_to_id)
    )


async def write(
    core: Services,
    room_id: int,
    sender_id: int,
    content: str,
    kind: str = "text",
    reply_to_id: int | None = None,
    upload: Upload | None = None,
) -> rest.Message:
    """Store a message, and send it to those who follow the room.

    Raises:
        Problem: It was not the sender's to write.
    """
    async with core.db.write() as db:
        row = await messages.write(
            db,
            room_id=room_id,
            sender_id=sender_id,
            content=content,
            kind=kind,
            reply_to_id=reply_to_id,
            upload=upload,
        )
        shown = shapes.message(row)
    await core.notifier.to_room(room_id, ServerEvent.NEW_MESSAGE, shown)
    return shown


@router.put("/{message_id}")
async def edit_message(
    body: EditBody, message_id: MessageId, me: Me, core: Core
) -> rest.MessageAnswer:
    """Change a message of one's own."""
    async with core.db.write() as db:
        row = await messages.own(db, message_id, me.user_id, Text.MESSAGE_NO_EDIT)
        row.content, row.is_edited, row.updated_at = body.content, True, now_ms()
        shown = shapes.message(row)
    await core.notifier.to_room(shown.room_id, ServerEvent.MESSAGE_UPDATED, shown)
    return rest.MessageAnswer(message=shown)


@router.delete("/{message_id}")
async def delete_message(
    message_id: MessageId, me: Me, request: Request, core: Core
) -> rest.DoneAnswer:
    """Delete a message of one's own."""
    async with core.db.write() as db:
        row = await messages.own(db, message_id, me.user_id, Text.MESSAGE_NO_DELETE)
        row.deleted_at = row.updated_at = now_ms()
        file = None if row.upload is None else await uploads.drop(db, row.upload.id)
    if file is not None:
        await core.uploads.forget(file)
    news = MessageGone(id=row.id, room_id=row.room_id)
    await core.notifier.to_room(row.room_id, ServerEvent.MESSAGE_DELETED, news)
    return rest.DoneAnswer(message=Text.MESSAGE_DELETED.say(language_of(request)))


@router.post("/read/{room_id}")
async def mark_read(
    room_id: Annotated[int, Path(ge=1, le=MAX_ID)], me: Me, core: Core
) -> rest.SuccessAnswer:
    """Say that everything in a room was read."""
    async with core.db.write() as db:
        member = await rooms.member_of(db, room_id, me.user_id)
        if member is None or member.status not in ("accepted", "pending"):
            raise Problem(403, Text.ROOM_CLOSED)
        now = member.last_read_at = now_ms()
    news = MessagesRead(room_id=room_id, user_id=me.user_id, last_read_at=wire_time(now))
    await core.notifier.to_room(room_id, ServerEvent.MESSAGES_READ, news)
    return rest.SuccessAnswer(success=True)


@router.post("/{message_id}/reactions")
async def react(body: ReactBody, message_id: MessageId, me: Me, core: Core) -> rest.ReactedAnswer:
    """Add a reaction, or take it back."""
    await limit(core, limiter.MESSAGE, me.user_id)
    async with core.db.write() as db:
        row = await messages.readable(db, message_id, me.user_id)
        action = await messages.toggle_reaction(db, row, me.user_id, body.emoji)
        await db.flush()
        db.expire(row)
        fresh = await messages.whole(db, message_id)
        shown = [] if fresh is None else shapes.reactions(fresh.reactions)
        room_id = row.room_id if fresh is None else fresh.room_id
    news = MessageReacted(
        message_id=message_id,
        room_id=room_id,
        user_id=me.user_id,
        emoji=body.emoji,
        action=action,
        reactions=shown,
    )
    await core.notifier.to_room(room_id, ServerEvent.MESSAGE_REACTION, news)
    return rest.ReactedAnswer(action=action, emoji=body.emoji)


@router.get("/{message_id}/reactions")
async def list_reactions(message_id: MessageId, me: Me, core: Core) -> rest.ReactionsAnswer:
    """Who reacted with what."""
    async with core.db.read() as db:
        row = await messages.readable(db, message_id, me.user_id)
    return rest.ReactionsAnswer(reactions=shapes.reactions(row.reactions))
