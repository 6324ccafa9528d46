"""Friends and rooms in plain lines, and what changes who is a friend."""

from dataclasses import dataclass
from typing import Any, Final

from woxly_tui._lib.text import clean_name
from woxly_tui.errors import LobbyRefused, UsageError
from woxly_tui.lobby.rest import SignedIn, id_of

MAX_LISTED: Final = 1000
"""Longest list taken from a server."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """A user as found in a list; names are not unique, ids are."""

    user_id: int
    name: str
    woxly_id: str
    status: str = ""
    note: str = ""
    friendship_id: int | None = None

    @property
    def shown(self) -> str:
        """Name and id, for people."""
        return f"{self.name} ({self.woxly_id})" if self.woxly_id else self.name


def _somebody(raw: dict[str, Any], friendship_id: int | None = None) -> Somebody:
    return Somebody(
        id_of(raw),
        clean_name(str(raw.get("username") or "")),
        clean_name(str(raw.get("woxlyId") or ""), fallback=""),
        clean_name(str(raw.get("status") or ""), fallback="offline"),
        clean_name(str(raw.get("note") or ""), fallback=""),
        friendship_id,
    )


async def friends_of(me: SignedIn) -> list[Somebody]:
    """Everybody who is a friend."""
    found = (await me.ask("GET", "/friends")).things("friends")
    return [_somebody(raw) for raw in found[:MAX_LISTED]]


async def requests_of(me: SignedIn) -> list[Somebody]:
    """Everybody who asks to be one."""
    found = (await me.ask("GET", "/friends/requests")).things("requests")
    people = [raw for raw in found[:MAX_LISTED] if isinstance(raw.get("user"), dict)]
    return [_somebody(raw["user"], id_of(raw)) for raw in people]


async def search(me: SignedIn, text: str) -> list[Somebody]:
    """Whoever has that in their name, or as their Woxly id."""
    found = (await me.ask("GET", "/friends/search", params={"q": text})).things("users")
    return [_somebody(raw) for raw in found[:MAX_LISTED]]


def pick(people: list[Somebody], who: str, what: str) -> Somebody:
    """The one who is meant: by Woxly id, by name, or by enough of its beginning.

    Raises:
        UsageError: Nobody is, or several are.
    """
    word = who.casefold()
    for fits in (
        [one for one in people if one.woxly_id.casefold() == word],
        [one for one in people if one.name.casefold() == word],
        [one for one in people if one.name.casefold().startswith(word)],
    ):
        if len(fits) == 1:
            return fits[0]
        if fits:
            several = ", ".join(one.shown for one in fits[:8])
            raise UsageError(f"{clean_name(who)} is the name of several: {several}", "give the id")
    raise UsageError(f"{what} is called {clean_name(who)}", "`woxly friends` lists them")


async def friend_lines(me: SignedIn) -> list[str]:
    """Who is a friend, who is there first; and who asks."""
    friends = await friends_of(me)
    friends.sort(key=lambda one: (one.status == "offline", one.name.casefold()))
    lines = [f"{one.shown}  {one.status}" + _aside(one.note) for one in friends]
    asking = [f"{one.shown}  asks to be your friend" for one in await requests_of(me)]
    return [*lines, *asking] or ["no friends here yet; `woxly friends add NAME` asks somebody"]


def _aside(note: str) -> str:
    return f"  - {note}" if note else ""


async def act_on(me: SignedIn, act: str, who: str) -> list[str]:
    """Add, accept, decline, remove or block somebody.

    Raises:
        WoxlyError: It cannot be done.
    """
    if act in ("accept", "decline"):
        asking = pick(await requests_of(me), who, "nobody who asks to be your friend")
        await me.ask("POST", f"/friends/{act}", {"friendshipId": asking.friendship_id})
        return [f"{act}{'ed' if act == 'accept' else 'd'} {asking.shown}"]
    if act == "add":
        found = pick(await search(me, who), who, "nobody on this server")
        answer = await me.ask("POST", "/friends/add", {"friendId": found.user_id})
        is_friend = answer.body.get("autoAccepted") is True
        return [f"{found.shown} is your friend" if is_friend else f"asked {found.shown}"]
    if act == "remove":
        friend = pick(await friends_of(me), who, "no friend of yours")
        await me.ask("DELETE", f"/friends/{friend.user_id}")
        return [f"{friend.shown} is your friend no more"]
    known = await friends_of(me) + await requests_of(me)
    try:
        blocked = pick(known, who, "nobody you know")
    except UsageError:
        blocked = pick(await search(me, who), who, "nobody on this server")
    await me.ask("POST", "/friends/block", {"userId": blocked.user_id})
    return [f"{blocked.shown} is blocked"]


async def room_lines(me: SignedIn) -> list[str]:
    """Rooms one is in or invited to, with what is unread."""
    rooms = (await me.ask("GET", "/rooms")).things("rooms")
    lines = []
    for raw in rooms[:MAX_LISTED]:
        line = _room_line(raw, me.account.user_id)
        if line:
            lines.append(line)
    return lines or ["no rooms here yet; a friend you call has one"]


def _room_line(raw: dict[str, Any], me: int) -> str:
    members = raw.get("members")
    people = [one for one in members if isinstance(one, dict)] if isinstance(members, list) else []
    own = next((one for one in people if one.get("userId") == me), {})
    if own.get("status") not in ("accepted", "pending") or own.get("leftAt") is not None:
        return ""  # the public server lists rooms that were left, too
    others = [one["user"] for one in people if one is not own and isinstance(one.get("user"), dict)]
    names = ", ".join(clean_name(str(user.get("username") or "")) for user in others[:8])
    name = clean_name(str(raw.get("name") or ""), fallback=names or "empty")
    try:
        number = id_of(raw)
    except LobbyRefused:
        return ""
    kind = clean_name(str(raw.get("type") or "")).lower()
    unread = raw.get("unreadCount")
    aside = f"  {unread} unread" if type(unread) is int and unread > 0 else ""
    invited = "  invited" if own.get("status") == "pending" and kind != "dm" else ""
    return f"{number}  {kind}  {name}{invited}{aside}"
