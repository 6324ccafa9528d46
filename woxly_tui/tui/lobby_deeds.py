"""What the keys of the lobby do about the row that is chosen: commands, after a question or two."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeVar

from textual.screen import ModalScreen

from woxly_tui.call.ringing.view import RingPhase
from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.control.lobby import (
    AddFriend,
    AddToCall,
    AnswerRequest,
    BlockUser,
    CallFriend,
    CallGroup,
    CreateRoom,
    EnterRoom,
    LeaveRoom,
    LobbyCommand,
    MarkCallsSeen,
    RemoveFriend,
    SearchPeople,
    SetNote,
    SetPresence,
)
from woxly_tui.social.model import Friend, FriendRequest, PastCall, Person, Presence, Room
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.lobby_view import Item, LobbyData
from woxly_tui.tui.lobby_words import shown
from woxly_tui.tui.screens.ask import Choice, ConfirmScreen, MenuScreen, PromptScreen
from woxly_tui.tui.screens.people import PeopleScreen
from woxly_tui.types import RoomId, RoomKind, UserId

if TYPE_CHECKING:
    from woxly_tui.tui.screens.lobby import LobbyScreen

Answered = TypeVar("Answered")

MAX_NOTE_CHARS: Final = 200
MAX_NAME_CHARS: Final = 64

_PRESENCES: Final = (
    Choice("o", "online", Presence.ONLINE),
    Choice("a", "away", Presence.AWAY),
    Choice("b", "busy", Presence.BUSY),
    Choice("d", "do not disturb: rings make no sound", Presence.DND),
)


class LobbyDeeds:
    """Use from the app's event loop.

    Args:
        screen: Where the row is chosen.
        data: What is known.
        bridge: To the engine.
    """

    def __init__(self, screen: "LobbyScreen", data: LobbyData, bridge: Bridge) -> None:
        self._screen = screen
        self._data = data
        self._bridge = bridge
        self._awaited: UserId | None = None
        """Whose DM is being made, to be opened once it is there."""

    @property
    def _item(self) -> Item | None:
        row = self._screen.list.chosen
        return row.item if row is not None else None

    # Opening and calling

    async def open(self) -> None:
        """What Enter means for the row."""
        match self._item:
            case FriendRequest():
                self.add()
            case Room(kind=RoomKind.DM | RoomKind.GROUP):
                await self.messages()
            case _:
                self.call()

    def call(self) -> None:
        """Ring somebody, or be in the call of a room."""
        match self._item:
            case Friend(person=person):
                self._call_user(person.user)
            case Room() as room:
                self._call_room(room)
            case PastCall() as call:
                self._call_back(call)

    def _call_back(self, call: PastCall) -> None:
        room = self._data.room(call.room)
        if room is not None:
            self._call_room(room)
        elif call.caller is not None and call.caller != self._data.own_id:
            self._call_user(call.caller)
        else:
            self._say("That room is no more", "choose a friend to call")

    def _call_user(self, user: UserId) -> None:
        rings = self._data.state.rings
        if rings.phase is not RingPhase.TALKING:
            dm = self._data.dm_with(user)
            # Somebody is in it already: as after a crash of ours.
            self._send(EnterRoom(dm.room) if dm is not None and dm.live else CallFriend(user))
            return
        name = self._data.name_of(user)
        whom = self._data.call_name(rings.peer, rings.room)
        detail = "A group is made for the three of you." if rings.peer is not None else ""
        self._confirm(f"Add {name} to the call with {whom}?", detail, "Add", AddToCall(user))

    def _call_room(self, room: Room) -> None:
        if room.kind is RoomKind.DM and room.peer is not None and not room.live:
            self._call_user(room.peer)
        elif room.kind is not RoomKind.GROUP or room.live:
            self._send(EnterRoom(room.room))
        else:
            self._ask_how(room)

    def _ask_how(self, room: Room) -> None:
        others = [one.user for one in room.members if one.user != self._data.own_id]

        def call(how: str | None) -> None:
            if how is not None:
                self._enter(room.room, others if how == "ring" else [])

        choices = [Choice("c", f"Ring all {len(others)}", "ring"), Choice("e", "Only enter", "")]
        self._ask(MenuScreen(f"Call {shown(room.name)}", choices), call)

    def _enter(self, room: RoomId, rung: list[UserId]) -> None:
        def entered(error: str) -> None:
            if error:
                self._say(error)
            for user in [] if error else rung:
                self._bridge.ask(AddToCall(user), lambda error: self._say(error) if error else None)

        self._bridge.ask(EnterRoom(room), entered)

    async def messages(self) -> None:
        """The messages of the row's room, which is made where there is none."""
        match self._item:
            case Friend(person=Person(user=user)):
                room = self._data.dm_with(user)
                if room is None:
                    self._awaited = user
                    self._send(CreateRoom("", RoomKind.DM, (user,)))
                    return
                await self._screen.show_room(room.room)
            case Room(room=room_id):
                await self._screen.show_room(room_id)
            case PastCall(room=int(past)) if self._data.room(RoomId(past)) is not None:
                await self._screen.show_room(RoomId(past))

    def see_rooms(self) -> None:
        """The rooms have changed: one that was waited for may be there."""
        room = self._data.dm_with(self._awaited) if self._awaited is not None else None
        if room is not None:
            self._awaited = None
            self._screen.call_later(self._screen.show_room, room.room)

    def see_calls(self) -> None:
        """Missed calls are seen once one of the calls is chosen."""
        is_news = any(call.is_missed and not call.is_seen for call in self._data.calls)
        if isinstance(self._item, PastCall) and is_news:
            self._bridge.ask(MarkCallsSeen(), lambda _: None)

    # Friends

    def add(self) -> None:
        """Accept who asks; or else look for people."""
        item = self._item
        if isinstance(item, FriendRequest):
            self._send(AnswerRequest(item.friendship, accept=True))
        else:
            self.find_people("")

    def find_people(self, query: str) -> None:
        """Look for people on the server, and ask one to be a friend."""

        def add(person: Person | None) -> None:
            if person is not None:
                done = f"Asked {shown(person.name)} to be your friend"
                self._bridge.ask(AddFriend(person.user), lambda error: self._say(error or done))

        self._ask(PeopleScreen(self._search, self._relation, query), add)

    def _search(self, query: str) -> None:
        self._bridge.ask(SearchPeople(query), lambda error: self._say(error) if error else None)

    def _relation(self, person: Person) -> str:
        if person.user == self._data.own_id:
            return "you"
        is_friend = any(friend.person.user == person.user for friend in self._data.friends)
        return "your friend" if is_friend else ""

    def remove(self) -> None:
        """Decline, unfriend, or leave a room."""
        match self._item:
            case FriendRequest(friendship=friendship, person=person):
                question = f"Decline {shown(person.name)}?"
                self._confirm(question, "", "Decline", AnswerRequest(friendship, accept=False))
            case Friend(person=person):
                question = f"Remove {shown(person.name)} from your friends?"
                self._confirm(question, "They are not told.", "Remove", RemoveFriend(person.user))
            case Room(kind=RoomKind.DM):
                self._say("These messages stay as long as you are friends", "remove the friend")
            case Room(room=room, name=name):
                detail = "Only an invitation brings you back."
                self._confirm(f"Leave {shown(name)} for good?", detail, "Leave", LeaveRoom(room))

    def block(self) -> None:
        """Hear nothing of somebody any more."""
        match self._item:
            case Friend(person=person) | FriendRequest(person=person):
                detail = "They cannot ring you, write to you, or ask again."
                question = f"Block {shown(person.name)}?"
                self._confirm(question, detail, "Block", BlockUser(person.user))

    def note(self) -> None:
        """Write the note of a friend."""
        item = self._item
        if not isinstance(item, Friend):
            return
        user, name = item.person.user, shown(item.person.name)

        def put(text: str | None) -> None:
            if text is not None:
                self._send(SetNote(user, text))

        detail = "Enter keeps it; empty removes it."
        self._ask(PromptScreen(f"Note on {name}", item.note, detail, MAX_NOTE_CHARS), put)

    # Groups and rooms

    def mark(self) -> None:
        """Mark a friend, or no more."""
        item = self._item
        if isinstance(item, Friend):
            self._screen.marked ^= {item.person.user}
            self._screen.redraw()

    def group(self) -> None:
        """Ring all who are marked."""
        members = self._members()
        if not members:
            self._say("Nobody is marked for a group call", "Space marks a friend")
            return

        def call(name: str | None) -> None:
            if name is not None:
                self._send(CallGroup(members, name))
                self._unmark()

        names = ", ".join(self._data.name_of(user) for user in members)
        detail = f"Rings {names}. Enter calls, Esc leaves it."
        self._ask(PromptScreen("Name of the group", "", detail, MAX_NAME_CHARS), call)

    def new_room(self) -> None:
        """Make a voice room for all who are marked."""

        def make(name: str | None) -> None:
            if name:
                self._send(CreateRoom(name, RoomKind.VOICE, self._members()))
                self._unmark()

        names = ", ".join(self._data.name_of(user) for user in self._members())
        detail = f"For you and {names}." if names else "Space marks friends to invite."
        self._ask(PromptScreen("Name of the voice room", "", detail, MAX_NAME_CHARS), make)

    def _members(self) -> tuple[UserId, ...]:
        known = [friend.person.user for friend in self._data.friends]
        return tuple(user for user in known if user in self._screen.marked)

    def _unmark(self) -> None:
        self._screen.marked = frozenset()
        self._screen.redraw()

    # Ourselves

    def status(self) -> None:
        """Choose what friends see of us."""

        def put(presence: str | None) -> None:
            if presence is not None:
                self._send(SetPresence(Presence(presence)))

        self._ask(MenuScreen("What friends see of you", _PRESENCES, self._data.state.presence), put)

    def start_over(self) -> None:
        """Wait for nothing of the account before."""
        self._awaited = None

    # Helpers

    def _send(self, command: LobbyCommand) -> None:
        self._bridge.send(command)

    def _confirm(self, question: str, detail: str, yes: str, command: LobbyCommand) -> None:
        def answered(is_wanted: bool | None) -> None:
            if is_wanted:
                self._send(command)

        self._ask(ConfirmScreen(question, detail, yes), answered)

    def _ask(
        self, screen: ModalScreen[Answered], answered: Callable[[Answered | None], None]
    ) -> None:
        self._screen.app.push_screen(screen, answered)

    def _say(self, text: str, remedy: str = "") -> None:
        self._screen.woxly.notify_user(Notice(Severity.INFO, text, remedy))
