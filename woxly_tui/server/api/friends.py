"""/api/friends: asking, answering, blocking."""

from typing import Annotated, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from woxly_tui.server import limiter
from woxly_tui.server.db.models import Friendship, User
from woxly_tui.server.fields import Body, Id, Line
from woxly_tui.server.problems import Problem, language_of
from woxly_tui.server.services import Core, Me, Services, limit
from woxly_tui.server.store import friendships, shapes, users
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.events import FriendAccepted, FriendGone, ServerEvent
from woxly_tui.wire.shape import dump
from woxly_tui.wire.words import MAX_ID, MAX_NOTE_CHARS, FriendStatus

router: Final = APIRouter(prefix="/api/friends", tags=["friends"])

FriendId = Annotated[int, Path(ge=1, le=MAX_ID)]


class AddBody(Body):
    friend_id: Id


class AnswerBody(Body):
    friendship_id: Id


class UserBody(Body):
    user_id: Id


class NoteBody(Body):
    note: Annotated[Line, Field(max_length=MAX_NOTE_CHARS)] | None = None


@router.get("")
async def list_friends(me: Me, core: Core) -> rest.FriendsAnswer:
    """All friends."""
    async with core.db.read() as db:
        found = await friendships.friends_of(db, me.user_id)
    return rest.FriendsAnswer(friends=[shapes.friend(row, user, me.user_id) for row, user in found])


@router.get("/requests")
async def list_requests(me: Me, core: Core) -> rest.FriendRequestsAnswer:
    """Requests that wait for an answer; `id` is the friendship's."""
    async with core.db.read() as db:
        found = await friendships.requests_to(db, me.user_id)
    return rest.FriendRequestsAnswer(
        requests=[shapes.friend_request(row, user) for row, user in found]
    )


@router.get("/blocked")
async def list_blocked(me: Me, core: Core) -> rest.UsersAnswer:
    """Whom one has blocked."""
    async with core.db.read() as db:
        found = await friendships.blocked_by(db, me.user_id)
    return rest.UsersAnswer(users=[shapes.public_user(user) for user in found])


@router.get("/search")
async def search(
    me: Me, core: Core, q: Annotated[str, Query(max_length=64)] = ""
) -> rest.UsersAnswer:
    """Users by a part of their name, or by their exact woxlyId."""
    text = q.strip()
    if len(text) < 2 or "\x00" in text:
        raise Problem(400, Text.QUERY_SHORT)
    async with core.db.read() as db:
        found = await users.search(db, me.user_id, text)
    return rest.UsersAnswer(users=[shapes.public_user(user) for user in found])


@router.post(
    "/add",
    status_code=201,
    response_model=rest.FriendshipAnswer,
    responses={200: {"model": rest.AutoAcceptedAnswer, "description": "They had asked already"}},
)
async def add(body: AddBody, me: Me, core: Core) -> JSONResponse:
    """Ask somebody to be friends."""
    await limit(core, limiter.ASK, me.user_id)
    if body.friend_id == me.user_id:
        raise Problem(400, Text.FRIEND_SELF)
    try:
        row, myself, friend = await _ask(core, me.user_id, body.friend_id)
    except IntegrityError:  # both asked at the same moment
        row, myself, friend = await _ask(core, me.user_id, body.friend_id)
    shown = shapes.friendship(row, me.user_id)
    if row.status == FriendStatus.ACCEPTED:
        await _tell_accepted(core, row, myself, friend, tell_both=True)
        return JSONResponse(dump(rest.AutoAcceptedAnswer(friendship=shown, auto_accepted=True)))
    asker = shapes.public_user(myself)
    await core.notifier.to_user(
        friend.id,
        ServerEvent.FRIEND_REQUEST,
        {"friendshipId": row.id, "from": dump(asker)},
    )
    return JSONResponse(dump(rest.FriendshipAnswer(friendship=shown)), 201)


async def _ask(core: Services, me: int, friend_id: int) -> tuple[Friendship, User, User]:
    async with core.db.write() as db:
        myself, friend = await db.get(User, me), await db.get(User, friend_id)
        if friend is None or myself is None:
            raise Problem(404, Text.USER_UNKNOWN)
        row = await friendships.between(db, me, friend_id)
        if row is None:
            row = friendships.new_row(me, friend_id, FriendStatus.PENDING)
            db.add(row)
            return row, myself, friend
        if row.status == FriendStatus.ACCEPTED:
            raise Problem(400, Text.FRIEND_ALREADY)
        if row.status == FriendStatus.BLOCKED:
            raise Problem(400, Text.FRIEND_BLOCKED)
        if row.user_id == me:
            raise Problem(400, Text.FRIEND_ASKED)
        row.status, row.updated_at = FriendStatus.ACCEPTED.value, now_ms()
        return row, myself, friend


async def _tell_accepted(
    core: Services, row: Friendship, myself: User, friend: User, *, tell_both: bool
) -> None:
    pairs = [(friend.id, myself)] + ([(myself.id, friend)] if tell_both else [])
    for reader, other in pairs:
        news = FriendAccepted(friendship_id=row.id, friend=shapes.public_user(other))
        await core.notifier.to_user(reader, ServerEvent.FRIEND_ACCEPTED, news)


@router.post("/accept")
async def accept(body: AnswerBody, me: Me, core: Core) -> rest.FriendshipAnswer:
    """Say yes to a request."""
    async with core.db.write() as db:
        row = await db.get(Friendship, body.friendship_id)
        if row is None or row.friend_id != me.user_id or row.status != FriendStatus.PENDING:
            raise Problem(404, Text.REQUEST_UNKNOWN)
        row.status, row.updated_at = FriendStatus.ACCEPTED.value, now_ms()
        myself, asker = await db.get(User, me.user_id), await db.get(User, row.user_id)
    if myself is not None and asker is not None:
        await _tell_accepted(core, row, myself, asker, tell_both=False)
    return rest.FriendshipAnswer(friendship=shapes.friendship(row, me.user_id))


@router.post("/decline")
async def decline(body: AnswerBody, me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Say no to a request."""
    async with core.db.write() as db:
        row = await db.get(Friendship, body.friendship_id)
        if row is None or row.friend_id != me.user_id or row.status != FriendStatus.PENDING:
            raise Problem(404, Text.REQUEST_UNKNOWN)
        await db.delete(row)
    news = FriendGone(user_id=me.user_id, friendship_id=row.id)
    await core.notifier.to_user(row.user_id, ServerEvent.FRIEND_DECLINED, news)
    return rest.DoneAnswer(message=Text.REQUEST_DECLINED.say(language_of(request)))


@router.post("/block")
async def block(body: UserBody, me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Block somebody: no rings, requests or invitations between the two. Ends a friendship."""
    if body.user_id == me.user_id:
        raise Problem(400, Text.BLOCK_SELF)
    async with core.db.write() as db:
        if await db.get(User, body.user_id) is None:
            raise Problem(404, Text.USER_UNKNOWN)
        row = await friendships.between(db, me.user_id, body.user_id)
        if row is None:
            row = friendships.new_row(me.user_id, body.user_id, FriendStatus.BLOCKED)
            db.add(row)
        _set_block(row, me.user_id, is_blocked=True)
    await core.ringer.silence(me.user_id, body.user_id)
    return rest.DoneAnswer(message=Text.BLOCKED.say(language_of(request)))


@router.post("/unblock")
async def unblock(body: UserBody, me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """Take a block back; the two are strangers then."""
    async with core.db.write() as db:
        row = await friendships.between(db, me.user_id, body.user_id)
        if row is None or not friendships.has_blocked(row, me.user_id):
            raise Problem(404, Text.FRIENDSHIP_UNKNOWN)
        _set_block(row, me.user_id, is_blocked=False)
        if not (row.blocked_by_user or row.blocked_by_friend):
            await db.delete(row)
    return rest.DoneAnswer(message=Text.UNBLOCKED.say(language_of(request)))


def _set_block(row: Friendship, blocker_id: int, *, is_blocked: bool) -> None:
    if row.user_id == blocker_id:
        row.blocked_by_user = is_blocked
    else:
        row.blocked_by_friend = is_blocked
    row.status, row.updated_at = FriendStatus.BLOCKED.value, now_ms()


@router.delete("/{friend_id}")
async def remove(friend_id: FriendId, me: Me, request: Request, core: Core) -> rest.DoneAnswer:
    """End a friendship."""
    async with core.db.write() as db:
        row = await friendships.between(db, me.user_id, friend_id)
        if row is None or row.status != FriendStatus.ACCEPTED:
            raise Problem(404, Text.FRIENDSHIP_UNKNOWN)
        await db.delete(row)
    news = FriendGone(user_id=me.user_id, friendship_id=row.id)
    await core.notifier.to_user(friend_id, ServerEvent.FRIEND_REMOVED, news)
    return rest.DoneAnswer(message=Text.FRIEND_REMOVED.say(language_of(request)))


@router.put("/{friend_id}/note")
async def set_note(
    body: NoteBody, friend_id: FriendId, me: Me, core: Core
) -> rest.FriendshipAnswer:
    """Keep a note about a friend, which only oneself can read."""
    async with core.db.write() as db:
        row = await friendships.between(db, me.user_id, friend_id)
        if row is None or row.status != FriendStatus.ACCEPTED:
            raise Problem(404, Text.FRIENDSHIP_UNKNOWN)
        if row.user_id == me.user_id:
            row.user_note = body.note
        else:
            row.friend_note = body.note
        row.updated_at = now_ms()
    return rest.FriendshipAnswer(friendship=shapes.friendship(row, me.user_id))
