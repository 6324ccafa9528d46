"""/api/rooms: making, joining, leaving."""

from collections.abc import Iterable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from woxly_tui.server import limiter
from woxly_tui.server.db.models import Room
from woxly_tui.server.fields import Body, FilledRoomName, Id, Line
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.services import Core, Me, Services, limit
from woxly_tui.server.store import rooms, shapes
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.events import RoomNamed, ServerEvent, UserAndRoom
from woxly_tui.wire.shape import dump
from woxly_tui.wire.words import MAX_ID, MAX_ROOM_NAME_CHARS, MemberStatus, RoomType

router: Final = APIRouter(prefix="/api/rooms", tags=["rooms"])

RoomId = Annotated[int, Path(ge=1, le=MAX_ID)]

MAX_INVITED: Final = 100


class CreateBody(Body):
    name: Annotated[Line, Field(max_length=MAX_ROOM_NAME_CHARS)] | None = None
    type: Literal["DM", "GROUP", "VOICE"]
    is_private: bool = True
    invited_friends: Annotated[list[Id], Field(max_length=MAX_INVITED)] | None = None


class CreateGroupBody(Body):
    """`currentRoomId` is taken and not used, as ever."""

    name: FilledRoomName
    member_ids: Annotated[list[Id], Field(max_length=MAX_INVITED)]
    current_room_id: Id | None = None


class RenameBody(Body):
    name: Annotated[Line, Field(max_length=MAX_ROOM_NAME_CHARS)] | None = None


class JoinBody(Body):
    """`userId` adds somebody else."""

    user_id: Id | None = None


@router.get("")
async def list_rooms(me: Me, core: Core) -> rest.RoomsAnswer:
    """One's rooms, that with the newest message first; members of every status."""
    async with core.db.read() as db:
        found = await rooms.listed_for(db, me.user_id)
    return rest.RoomsAnswer(
        rooms=[shapes.listed_room(item.room, item.last, item.unread_count) for item in found]
    )


@router.post(
    "",
    status_code=201,
    response_model=rest.RoomAnswer,
    responses={200: {"model": rest.RoomAnswer, "description": "The DM was there already"}},
)
async def create_room(body: CreateBody, me: Me, core: Core) -> JSONResponse:
    """Make a room, or find the DM with somebody."""
    await limit(core, limiter.ASK, me.user_id)
    others = _others(body.invited_friends or [], me.user_id)
    if body.type == RoomType.DM:
        room, is_new = await _open_dm(core, me.user_id, others)
    else:
        room = await _create(core, me.user_id, body.name or "", RoomType(body.type), others, body)
        is_new = True
    answer = rest.RoomAnswer(room=shapes.room(room, room.members))
    if is_new:
        await _tell_invited(core, room, others, me.user_id)
    return JSONResponse(dump(answer), 201 if is_new else 200)


def _others(ids: Iterable[int], me: int) -> list[int]:
    return [one for one in dict.fromkeys(ids) if one != me]


async def _create(
    core: Services,
    me: int,
    name: str,
    kind: RoomType,
    others: list[int],
    body: CreateBody | None = None,
) -> Room:
    async with core.db.write() as db:
        if await rooms.unknown_users(db, others):
            raise Problem(404, Text.USER_UNKNOWN)
        if await rooms.has_block_with(db, me, others):
            raise Problem(403, Text.FRIEND_BLOCKED)
        made = await rooms.create(
            db,
            name=name,
            kind=kind,
            owner_id=me,
            others=others,
            is_private=body is None or body.is_private,
        )
        room = await rooms.whole(db, made.id)
    assert room is not None  # noqa: S101 - made just now
    return room


async def _open_dm(core: Services, me: int, others: list[int]) -> tuple[Room, bool]:
    if len(others) != 1:
        raise Problem(400, Text.ROOM_DM_TWO)
    if (room := await _find_dm(core, me, others[0])) is not None:
        return room, False
    try:
        return await _create(core, me, "", RoomType.DM, others), True
    except IntegrityError:  # the other made it at the same moment
        room = await _find_dm(core, me, others[0])
        if room is None:
            raise
        return room, False


async def _find_dm(core: Services, me: int, other: int) -> Room | None:
    async with core.db.write() as db:
        room = await rooms.dm_of(db, me, other)
        for member in room.members if room else ():
            if member.user_id == me:
                rooms.let_in(member)
    return room


async def _tell_invited(core: Services, room: Room, others: Iterable[int], by: int) -> None:
    news = RoomNamed(room_id=room.id, name=room.name, type=room.type, by=by)
    for user_id in others:
        await core.notifier.to_user(user_id, ServerEvent.ROOM_INVITATION, news)


@router.post("/create-group", status_code=201)
async def create_group(body: CreateGroupBody, me: Me, core: Core) -> rest.RoomAnswer:
    """Make a GROUP room and ring everybody in it."""
    await limit(core, limiter.ASK, me.user_id)
    others = _others(body.member_ids, me.user_id)
    if not others:
        raise Problem(400, Text.ROOM_MEMBERS_NEEDED)
    await limit(core, limiter.RING, me.user_id)
    room = await _create(core, me.user_id, body.name, RoomType.GROUP, others)
    await _tell_invited(core, room, others, me.user_id)
    for user_id in others:
        await core.ringer.ring_member(me.user_id, user_id, room.id)
    return rest.RoomAnswer(room=shapes.room(room, room.members))


@router.get("/{room_id}")
async def get_room(room_id: RoomId, me: Me, core: Core) -> rest.RoomAnswer:
    """A room with its accepted members."""
    async with core.db.read() as db:
        room = await rooms.whole(db, room_id)
    if room is None:
        raise Problem(404, Text.ROOM_UNKNOWN)
    members = rooms.accepted(room)
    if room.is_private and me.user_id not in [member.user_id for member in members]:
        raise Problem(403, Text.ROOM_CLOSED)
    return rest.RoomAnswer(room=shapes.room(room, members))


@router.put("/{room_id}")
async def rename_room(body: RenameBody, room_id: RoomId, me: Me, core: Core) -> rest.RoomAnswer:
    """Rename a room of one's own."""
    async with core.db.write() as db:
        room = await rooms.whole(db, room_id)
        if room is None:
            raise Problem(404, Text.ROOM_UNKNOWN)
        if room.owner_id != me.user_id or room.type == RoomType.DM:
            raise Problem(403, Text.ROOM_NO_EDIT)
        if body.name is not None:
            room.name, room.updated_at = body.name, now_ms()
    news = RoomNamed(room_id=room.id, name=room.name, type=room.type, by=me.user_id)
    for member in rooms.accepted(room):
        await core.notifier.to_user(member.user_id, ServerEvent.ROOM_UPDATED, news)
    return rest.RoomAnswer(room=shapes.room(room, rooms.accepted(room)))


@router.post("/{room_id}/join")
async def join_room(
    room_id: RoomId, me: Me, core: Core, body: JoinBody | None = None
) -> rest.RoomAnswer:
    """Join a room one was asked to, or add somebody."""
    joining = body.user_id if body and body.user_id is not None else me.user_id
    if joining != me.user_id:
        await limit(core, limiter.ASK, me.user_id)
    async with core.db.write() as db:
        room = await rooms.whole(db, room_id)
        if room is None:
            raise Problem(404, Text.ROOM_UNKNOWN)
        member = await rooms.member_of(db, room_id, joining)
        if joining != me.user_id:
            _check_may_add(room, me.user_id)
            if await rooms.unknown_users(db, [joining]):
                raise Problem(404, Text.USER_UNKNOWN)
            if await rooms.has_block_with(db, me.user_id, [joining]):
                raise Problem(403, Text.FRIEND_BLOCKED)
        elif member is None:
            raise Problem(403, Text.ROOM_NOT_INVITED)
        if member is None:
            db.add(rooms.new_member(room_id, joining, MemberStatus.ACCEPTED))
            await db.flush()
            is_new = True
        else:
            is_new = rooms.let_in(member)
        room = await rooms.whole(db, room_id)
    assert room is not None  # noqa: S101 - it was there
    if is_new:
        news = UserAndRoom(user_id=joining, room_id=room_id)
        await core.notifier.to_room(room_id, ServerEvent.USER_JOINED_ROOM, news)
    if joining != me.user_id:
        await _tell_invited(core, room, [joining], me.user_id)
    return rest.RoomAnswer(room=shapes.room(room, rooms.accepted(room)))


def _check_may_add(room: Room, me: int) -> None:
    is_inside = me in [member.user_id for member in rooms.accepted(room)]
    if room.type == RoomType.DM or not is_inside:
        raise Problem(403, Text.ROOM_NO_ADDING)


@router.post("/{room_id}/leave")
async def leave_room(room_id: RoomId, me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Leave for good; done for any room, even one that is not there."""
    async with core.db.write() as db:
        member = await rooms.member_of(db, room_id, me.user_id)
        has_left = member is not None and rooms.let_go(member)
    if has_left:
        news = UserAndRoom(user_id=me.user_id, room_id=room_id)
        await core.notifier.to_room(room_id, ServerEvent.USER_LEFT_ROOM, news)
        await core.notifier.unfollow_user(me.user_id, room_id)
    return rest.DoneAnswer(message=Text.ROOM_LEFT.say(language_of(request)))


@router.get("/{room_id}/participants")
async def participants(room_id: RoomId, me: Me, core: Core) -> rest.ParticipantsAnswer:
    """Accepted members; for those who are in the room or asked to be."""
    async with core.db.read() as db:
        room = await rooms.whole(db, room_id)
    if room is None:
        raise Problem(404, Text.ROOM_UNKNOWN)
    inside = [m.user_id for m in room.members if m.status in ("accepted", "pending")]
    if room.is_private and me.user_id not in inside:
        raise Problem(403, Text.ROOM_CLOSED)
    return rest.ParticipantsAnswer(
        participants=[shapes.member(member) for member in rooms.accepted(room)]
    )
