"""Friends and rooms in plain lines, and what changes who is a friend."""

from collections.abc import Iterable
from typing import Final

from woxly_tui._lib.text import clean_name
from woxly_tui.errors import UsageError
from woxly_tui.lobby import reading
from woxly_tui.lobby.rest import SignedIn
from woxly_tui.lobby.rooms import rooms_of
from woxly_tui.social.model import Friend, FriendRequest, Person, Presence, Room
from woxly_tui.types import RoomKind, UserId

MAX_LISTED: Final = 1000
"""Longest list taken from a server."""


def shown(one: Person) -> str:
    """Name and id, for people."""
    return f"{one.name} ({one.woxly_id})" if one.woxly_id else one.name


async def friends_of(me: SignedIn) -> list[Friend]:
    """Everybody who is a friend."""
    found = (await me.ask("GET", "/friends")).things("friends")
    return reading.every(reading.friend, found[:MAX_LISTED])


async def requests_of(me: SignedIn) -> list[FriendRequest]:
    """Everybody who asks to be one."""
    found = (await me.ask("GET", "/friends/requests")).things("requests")
    return reading.every(reading.request, found[:MAX_LISTED])


async def search(me: SignedIn, text: str) -> list[Person]:
    """Whoever has that in their name, or as their Woxly id."""
    found = (await me.ask("GET", "/friends/search", params={"q": text})).things("users")
    return reading.every(reading.person, found[:MAX_LISTED])


async def ask_to_be_friends(me: SignedIn, user: UserId) -> bool:
    """Ask somebody; whether that made us friends, since they had asked already."""
    answer = await me.ask("POST", "/friends/add", {"friendId": user})
    return answer.body.get("autoAccepted") is True


async def accept(me: SignedIn, friendship: int) -> None:
    """Be the friend of somebody who asks."""
    await me.ask("POST", "/friends/accept", {"friendshipId": friendship})


async def decline(me: SignedIn, friendship: int) -> None:
    """Do not."""
    await me.ask("POST", "/friends/decline", {"friendshipId": friendship})


async def remove(me: SignedIn, user: UserId) -> None:
    """Be friends no more."""
    await me.ask("DELETE", f"/friends/{user}")


async def block(me: SignedIn, user: UserId) -> None:
    """Hear no more of somebody; the public server has no way back."""
    await me.ask("POST", "/friends/block", {"userId": user})


async def set_note(me: SignedIn, user: UserId, note: str) -> None:
    """A note on a friend; on the public server they see it, too."""
    await me.ask("PUT", f"/friends/{user}/note", {"note": note})


def told(presence: Presence) -> Presence:
    """What the server and friends get to know of it."""
    return Presence.BUSY if presence is Presence.DND else presence


async def set_presence(me: SignedIn, presence: Presence) -> None:
    """What we are, over REST. Friends hear of it by the socket event only (`status-change`)."""
    await me.ask("PUT", "/users/me/status", {"status": told(presence).value})


def pick(people: Iterable[Person], who: str, what: str) -> Person:
    """The one who is meant: by Woxly id, by name, or by enough of its beginning.

    Raises:
        UsageError: Nobody is, or several are.
    """
    word, known = who.casefold(), list(dict.fromkeys(people))
    for fits in (
        [one for one in known if one.woxly_id.casefold() == word],
        [one for one in known if one.name.casefold() == word],
        [one for one in known if one.name.casefold().startswith(word)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            several = ", ".join(shown(one) for one in fits[:8])
            raise UsageError(
                f"the name {clean_name(who)} is that of several: {several}", "give the id"
            )
    raise UsageError(f"{what} is called {clean_name(who)}", "`woxly friends` lists them")


async def friend_lines(me: SignedIn) -> list[str]:
    """Who is a friend, who is there first; and who asks."""
    friends = await friends_of(me)
    friends.sort(key=lambda one: (one.presence is Presence.OFFLINE, one.person.name.casefold()))
    lines = [f"{shown(one.person)}  {one.presence}" + _aside(one.note) for one in friends]
    asking = [f"{shown(one.person)}  asks to be your friend" for one in await requests_of(me)]
    return [*lines, *asking] or ["no friends here yet; `woxly friends add NAME` asks somebody"]


def _aside(note: str) -> str:
    return f"  - {note}" if note else ""


async def act_on(me: SignedIn, act: str, who: str) -> list[str]:
    """Add, accept, decline, remove or block somebody.

    Raises:
        WoxlyError: It cannot be done.
    """
    if act in ("accept", "decline"):
        requests = {one.person: one for one in await requests_of(me)}
        asking = pick(requests, who, "nobody who asks to be your friend")
        await (accept if act == "accept" else decline)(me, requests[asking].friendship)
        return [f"{act}{'ed' if act == 'accept' else 'd'} {shown(asking)}"]
    if act == "add":
        found = pick(await search(me, who), who, "nobody on this server")
        is_friend = await ask_to_be_friends(me, found.user)
        return [f"{shown(found)} is your friend" if is_friend else f"asked {shown(found)}"]
    friends = [one.person for one in await friends_of(me)]
    if act == "remove":
        friend = pick(friends, who, "no friend of yours")
        await remove(me, friend.user)
        return [f"{shown(friend)} is your friend no more"]
    try:
        asking_too = [one.person for one in await requests_of(me)]
        blocked = pick([*friends, *asking_too], who, "nobody you know")
    except UsageError:
        blocked = pick(await search(me, who), who, "nobody on this server")
    await block(me, blocked.user)
    return [f"{shown(blocked)} is blocked"]


async def room_lines(me: SignedIn) -> list[str]:
    """Rooms one is in or invited to, with what is unread."""
    lines = [_room_line(room) for room in await rooms_of(me)]
    return lines or ["no rooms here yet; a friend you call has one"]


def _room_line(room: Room) -> str:
    unread = f"  {room.unread} unread" if room.unread else ""
    invited = "  invited" if room.is_invited and room.kind is not RoomKind.DM else ""
    return f"{room.room}  {room.kind.lower()}  {room.name}{invited}{unread}"
