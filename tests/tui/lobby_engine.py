"""An engine with friends and rooms and no server: does as the test, or a person trying it, says."""

from dataclasses import replace

from tests.tui.fake_engine import NOON, FakeEngine, in_call, person
from woxly_tui.call.ringing.view import (
    IncomingRing,
    Outcome,
    RingEnding,
    RingingPeer,
    RingPhase,
    RingView,
)
from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.control import lobby as ask
from woxly_tui.control.lobby import CallsListed, FriendsListed, LinkState, LobbyState, RoomsListed
from woxly_tui.control.messages import Command, Reply
from woxly_tui.social.model import (
    Attachment,
    Friend,
    FriendRequest,
    MessageKind,
    PastCall,
    Person,
    Presence,
    Reaction,
    Room,
    RoomMessage,
)
from woxly_tui.types import MessageId, RoomId, RoomKind, RoomName, Seconds, UserId

ME = Person(UserId(1), "Ines", "ines-4711")
ANN = Person(UserId(2), "ann", "ann-1001")
BOB = Person(UserId(3), "bob", "bob-1002")
CARL = Person(UserId(4), "carl", "carl-1003")
MEI = Person(UserId(5), "mei-lin", "mei-1004")
DORA = Person(UserId(6), "dora", "dora-1005")
EVE = Person(UserId(7), "eve", "eve-1006")

FRIENDS = (
    Friend(CARL, Presence.OFFLINE, "plays bass"),
    Friend(ANN, Presence.ONLINE, "at work till 5"),
    Friend(BOB, Presence.AWAY),
    Friend(MEI, Presence.BUSY, "do not ring before ten"),
)
ANN_ROOM = Room(
    RoomId(10), RoomKind.DM, "ann", ANN.user, (ME, ANN), 2, "can you push that?", Seconds(NOON - 60)
)
ROOMS = (
    ANN_ROOM,
    Room(
        RoomId(11),
        RoomKind.GROUP,
        "standup",
        None,
        (ME, ANN, BOB, MEI),
        0,
        "see you at ten",
        Seconds(NOON - 7200),
    ),
    Room(
        RoomId(12),
        RoomKind.VOICE,
        "lounge",
        None,
        (ME, ANN, BOB, CARL, MEI),
        live=(BOB, MEI),
        last_at=Seconds(NOON - 200_000),
    ),
)
CALLS = (
    PastCall(RoomId(10), "ann", Seconds(NOON - 3600), None, True, True, ANN.user, False),
    PastCall(RoomId(11), "standup", Seconds(NOON - 90_000), 754, False, caller=ME.user),
    PastCall(None, "carl", Seconds(NOON - 400_000), 61, True, caller=CARL.user),
)
MESSAGES = (
    RoomMessage(MessageId(1), RoomId(10), ANN, "morning!", Seconds(NOON - 86_400)),
    RoomMessage(
        MessageId(2),
        RoomId(10),
        ANN,
        "can you push that branch? it is on https://git.example.org/team/voice/-/merge_requests/812",
        Seconds(NOON - 400),
        reactions=(Reaction("👍", (ME.user,)),),
    ),
    RoomMessage(
        MessageId(3),
        RoomId(10),
        ME,
        "on its way",
        Seconds(NOON - 300),
        reply_to=MessageId(2),
        reply_text="ann: can you push that branch?",
        is_edited=True,
    ),
    RoomMessage(
        MessageId(4),
        RoomId(10),
        ANN,
        "",
        Seconds(NOON - 200),
        MessageKind.FILE,
        attachment=Attachment("minutes.pdf", 248_113, "https://woxly.example.org/uploads/a1.pdf"),
    ),
    RoomMessage(
        MessageId(5),
        RoomId(10),
        ANN,
        "",
        Seconds(NOON - 100),
        MessageKind.VOICE,
        attachment=Attachment("v.webm", 48_000, "https://woxly.example.org/uploads/v.webm", 12),
    ),
)

ONLINE = LobbyState(
    LinkState.ONLINE, "ines@woxly.example.org", ME, Presence.ONLINE, as_of=Seconds(NOON)
)
IDLE = Snapshot(rev=1)


class LobbyEngine(FakeEngine):
    """Rings that the test answers; messages that come back at once.

    Args:
        state: The link, the account and the rings to begin with.
        friends, requests, rooms, calls: What is known.
        snapshot: The call, if one runs.
    """

    def __init__(
        self,
        state: LobbyState = ONLINE,
        *,
        friends: tuple[Friend, ...] = FRIENDS,
        requests: tuple[FriendRequest, ...] = (FriendRequest(77, DORA),),
        rooms: tuple[Room, ...] = ROOMS,
        calls: tuple[PastCall, ...] = CALLS,
        snapshot: Snapshot = IDLE,
    ) -> None:
        super().__init__(snapshot)
        self.state = state
        self.friends = FriendsListed(friends, requests)
        self.rooms = RoomsListed(rooms)
        self.calls = CallsListed(calls)
        self.messages: dict[RoomId, tuple[RoomMessage, ...]] = {RoomId(10): MESSAGES}
        self.people = (ANN, EVE)
        self.accounts: tuple[str, ...] = ("ines@woxly.example.org (WX1)", "zoe@one.example (WX2)")
        self._endings = 0
        self.refusals: dict[type, str] = {}
        for update in (self.state, self.friends, self.rooms, self.calls):
            self.tell(update)

    def tell(self, update: ask.LobbyUpdate) -> None:
        """What the engine has learned."""
        self._mailbox.put(update)

    async def send(self, command: Command) -> Reply:
        if error := self.refusals.get(type(command)):
            self.sent.append(command)
            return Reply(ok=False, snapshot=self.snapshot, error=error)
        reply = await super().send(command)
        self._carry_out(command)
        return reply

    def asked(self, kind: type) -> list[Command]:
        """The commands of one kind."""
        return [command for command in self.sent if isinstance(command, kind)]

    def _carry_out(self, command: Command) -> None:  # noqa: C901 - one case a command
        match command:
            case ask.CallFriend(user=user):
                self.dial(user)
            case ask.AcceptRing(caller=caller):
                self.talk(caller, RoomId(10))
            case ask.RejectRing(caller=caller):
                self.quiet(caller, Outcome.DECLINED)
            case ask.EnterRoom(room=room):
                self.talk(None, room, RoomKind.VOICE)
            case ask.HangUp():
                self.hang_up()
            case ask.OpenRoom(room=room):
                self.show_room(room)
            case ask.SendMessage(room=room, text=text, reply_to=reply_to):
                self.write_in(room, ME, text, reply_to)
            case ask.SearchPeople(query=query):
                found = tuple(p for p in self.people if query in p.name or query in p.woxly_id)
                self.tell(ask.PeopleFound(query, found))
            case ask.ListAccounts():
                self.tell(ask.AccountsListed(self.accounts))
            case ask.UseAccount(account=account):
                self.be(account)
            case ask.SetPresence(presence=presence):
                self.change_state(presence=presence)
            case ask.CreateRoom(kind=RoomKind.DM, members=(user,)):
                self._make_dm(user)

    def be(self, account: str) -> None:
        """Another account is online, which knows nobody yet."""
        me = Person(UserId(99), account)
        self.friends, self.rooms = FriendsListed(()), RoomsListed(())
        self.calls = CallsListed(())
        for update in (self.friends, self.rooms, self.calls):
            self.tell(update)
        self.state = LobbyState(LinkState.ONLINE, account, me, Presence.ONLINE, as_of=Seconds(NOON))
        self.tell(self.state)

    def _make_dm(self, user: UserId) -> None:
        friend = next(f for f in self.friends.friends if f.person.user == user)
        room = Room(RoomId(50), RoomKind.DM, friend.person.name, user, (ME, friend.person))
        self.rooms = RoomsListed((*self.rooms.rooms, room))
        self.tell(self.rooms)

    # Messages

    def show_room(self, room: RoomId, typing: tuple[Person, ...] = ()) -> None:
        messages = self.messages.get(room, ())
        self.tell(ask.RoomMessages(room, messages, has_older=False, typing=typing))

    def write_in(
        self, room: RoomId, sender: Person, text: str, reply_to: MessageId | None = None
    ) -> None:
        """Somebody wrote something."""
        messages = self.messages.get(room, ())
        number = MessageId(len(messages) + 1)
        at = Seconds(NOON + 60 * number)
        message = RoomMessage(number, room, sender, text, at, reply_to=reply_to)
        self.messages[room] = (*messages, message)
        self.show_room(room)

    # Rings

    def change_state(self, **fields: object) -> None:
        """A state that differs in these fields."""
        self.state = replace(self.state, **fields)  # type: ignore[arg-type]  # real fields
        self.tell(self.state)

    def ring(self, *callers: Person, kind: RoomKind = RoomKind.DM, room: int = 10) -> None:
        """These ring us."""
        rings = tuple(IncomingRing(p.user, RoomId(room), kind, Seconds(NOON)) for p in callers)
        self.change_state(rings=replace(self.state.rings, incoming=rings))

    def quiet(self, caller: UserId, outcome: Outcome) -> None:
        """Somebody rings us no more."""
        left = tuple(ring for ring in self.state.rings.incoming if ring.caller != caller)
        ending = self._ending(outcome, caller, seconds=None, is_incoming=True)
        self.change_state(rings=replace(self.state.rings, incoming=left, ending=ending))

    def dial(self, *users: UserId, kind: RoomKind = RoomKind.DM) -> None:
        """We ring these."""
        rung = tuple(RingingPeer(user) for user in users)
        peer = users[0] if kind is RoomKind.DM else None
        rings = RingView(RingPhase.OUTGOING, RoomId(10), kind, peer, rung, Seconds(NOON))
        self.change_state(rings=replace(rings, ending=self.state.rings.ending))

    def undial(self, outcome: Outcome, user: UserId = ANN.user) -> None:
        """Nobody answered."""
        ending = self._ending(outcome, user, seconds=None, is_incoming=False)
        self.change_state(rings=RingView(ending=ending))

    def talk(
        self,
        peer: UserId | None,
        room: RoomId,
        kind: RoomKind = RoomKind.DM,
        ringing: tuple[RingingPeer, ...] = (),
        *,
        is_web_only: bool = False,
    ) -> None:
        """The call of a room runs."""
        name = next((r.name for r in self.rooms.rooms if r.room == room), "room")
        people = (person("Ines", is_local=True), person("ann"))
        self.put(in_call(people, room=RoomName(name), server="woxly.example.org"))
        rings = RingView(
            RingPhase.TALKING, room, kind, peer, ringing, Seconds(NOON - 761), is_web_only
        )
        ending = self.state.rings.ending
        self.change_state(rings=replace(rings, ending=ending), is_calling_anybody=True)

    def hang_up(self, outcome: Outcome = Outcome.HUNG_UP) -> None:
        """The call, or our ring, is over."""
        if self.state.rings.phase is RingPhase.OUTGOING:
            self.undial(Outcome.CANCELLED)
            return
        ending = self._ending(outcome, ANN.user, seconds=761, is_incoming=False)
        self.change_state(rings=RingView(ending=ending), is_calling_anybody=False)
        self.put(replace(self.snapshot, phase=CallPhase.IDLE, established_at=None, participants=()))

    def _ending(
        self, outcome: Outcome, user: UserId, *, seconds: int | None, is_incoming: bool
    ) -> RingEnding:
        self._endings += 1
        return RingEnding(self._endings, outcome, user, RoomId(10), is_incoming, seconds)
