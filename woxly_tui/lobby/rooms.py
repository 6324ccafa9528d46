"""Rooms over REST: the list, who is in their calls, and what makes, heals and leaves them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from woxly_tui.errors import LobbyRefused, ServerUnreachable
from woxly_tui.lobby import reading
from woxly_tui.lobby.rest import SignedIn, id_of
from woxly_tui.social.model import Person, Room
from woxly_tui.types import RoomId, RoomKind, Seconds, UserId

MAX_ROOMS: Final = 1000
MAX_PRESENT: Final = 500
"""People of one call that are listed."""


@dataclass(frozen=True, slots=True)
class Live:
    """Who is in the call of a room now."""

    people: tuple[Person, ...] = ()
    since: Seconds | None = None


@dataclass(frozen=True, slots=True)
class MediaPass:
    """What lets us into the call of a room."""

    url: str
    """As the server gave it: check it with `config.urls.parse_server_url`."""
    token: str = field(repr=False)
    livekit_room: str = ""


async def rooms_of(me: SignedIn) -> list[Room]:
    """Every room we are in or invited to, newest message first."""
    found = (await me.ask("GET", "/rooms")).things("rooms")[:MAX_ROOMS]
    own = UserId(me.account.user_id)
    return reading.every(lambda raw: reading.room(raw, own), found)


async def heal(me: SignedIn, rooms: Iterable[Room]) -> list[RoomId]:
    """Be a member again of the DMs that a ring locked us out of; which those were.

    The public server makes whoever is rung a pending member, whom it refuses the messages.
    """
    healed = []
    for room in rooms:
        if room.kind is RoomKind.DM and room.is_invited:
            await join(me, room.room)
            healed.append(room.room)
    return healed


async def live_of(me: SignedIn, room_id: RoomId) -> Live | None:
    """Who is in a room's call; None where the server does not tell, as the public one."""
    try:
        answer = await me.ask("GET", f"/rooms/{room_id}/live")
    except ServerUnreachable:
        raise
    except LobbyRefused:
        return None
    present = reading.every(
        reading.participant, reading.things(answer.body, "participants", MAX_PRESENT)
    )
    return Live(tuple(present), reading.moment(answer.body, "startedAt") if present else None)


async def dm_with(me: SignedIn, friend: UserId) -> RoomId:
    """The DM with somebody; made where there is none."""
    body = {"type": "DM", "name": "", "isPrivate": True, "invitedFriends": [friend]}
    return RoomId(id_of((await me.ask("POST", "/rooms", body)).thing("room")))


async def make_group(me: SignedIn, name: str, members: Iterable[UserId]) -> RoomId:
    """A group with these; the server rings them all."""
    # Ourselves, twice the same, or an unknown id leave a half-made room on the public server.
    ids = [one for one in dict.fromkeys(members) if one != me.account.user_id]
    answer = await me.ask("POST", "/rooms/create-group", {"name": name, "memberIds": ids})
    return RoomId(id_of(answer.thing("room")))


async def make_voice(me: SignedIn, name: str, invited: Iterable[UserId]) -> RoomId:
    """A room to drop in; nobody is rung."""
    ids = [one for one in dict.fromkeys(invited) if one != me.account.user_id]
    body = {"type": "VOICE", "name": name, "isPrivate": True, "invitedFriends": ids}
    return RoomId(id_of((await me.ask("POST", "/rooms", body)).thing("room")))


async def join(me: SignedIn, room_id: RoomId) -> None:
    """Be a member of a room that we are invited to; may be repeated."""
    await me.ask("POST", f"/rooms/{room_id}/join", {})


async def add(me: SignedIn, room_id: RoomId, user: UserId) -> None:
    """Make somebody a member of a room of ours."""
    await me.ask("POST", f"/rooms/{room_id}/join", {"userId": user})


async def leave(me: SignedIn, room_id: RoomId) -> None:
    """Be a member no more."""
    await me.ask("POST", f"/rooms/{room_id}/leave", {})


async def media_pass(me: SignedIn, room_id: RoomId) -> MediaPass:
    """A token for the room's call; good while we are a member or invited."""
    answer = await me.ask("POST", f"/rooms/{room_id}/livekit-token", {})
    return MediaPass(
        answer.text("url"), answer.text("token"), reading.line(answer.body, "roomName")
    )
