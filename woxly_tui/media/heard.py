"""Heard-by: we tell each who speaks whether we hear them, and take what the others tell us.

    verdict of each ──► those we hear, in time or needlessly late, those we do not ──► a small
    lossy packet to each of the three
    packet of another ──► whether that one hears us ──► its row

A packet names nobody: it goes only to whom it concerns, and the SFU says whose it is. So nobody
learns who silenced whom, and nobody can speak for another. What tells nothing is unknown: a
browser, or a woxly whose token allows no data.
"""

import asyncio
import logging
import struct
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from livekit import rtc
from livekit.rtc.participant import PublishDataError

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.media.flow import FRESH
from woxly_tui.media.hearing import Hearing, voices
from woxly_tui.media.sight import Sight
from woxly_tui.types import Identity, Seconds

TOPIC: Final = "woxly.heard"

VERSION: Final = 1

HEARS: Final = 1
"""The bit of the flags that says so; those not named here are kept for later."""

LATE: Final = 2
"""The bit that says that our jitter buffer holds the sound for longer than it need."""

TICK: Final = Seconds(1.0)
"""Nobody is told more often than this."""

PEOPLE_A_SECOND: Final = 20
"""Most that tell one talker something in a second, in a room where nothing changes: beyond it
each waits longer."""

REPEATS: Final = 2
"""How often news are told at once, for a packet may be lost."""

LAPSE: Final = 3.5
"""Intervals after which what was told counts no more."""

NEAREST: Final = Seconds(0.2)
"""Time between two packets of one sender that are taken; those between are dropped."""

SAY_AFTER: Final = Seconds(0.3)
"""How long what is told is gathered: in a large room much is told at once."""

MAX_TO: Final = 20
"""Receivers of one packet; their identities travel to the server with it."""

MAX_BYTES: Final = 64
"""Of a packet. Later versions may say more than we read."""

_PACKET: Final = struct.Struct(">BBH")
"""Version, flags, round-trip time of the sender in ms, 0 where it is not known."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Told:
    """What another one told us last."""

    hears: bool
    is_late: bool
    rtt_ms: int | None
    at: Seconds


def packet(*, hears: bool, rtt_ms: int | None, is_late: bool = False) -> bytes:
    """What is sent to those we hear, or to those we do not."""
    flags = (HEARS if hears else 0) | (LATE if hears and is_late else 0)
    return _PACKET.pack(VERSION, flags, min(rtt_ms or 0, 0xFFFF))


def read_packet(data: bytes) -> tuple[bool, bool, int | None] | None:
    """Whether we are heard, needlessly late, and the sender's round-trip time; None where that
    says nothing.
    """
    if not _PACKET.size <= len(data) <= MAX_BYTES or data[0] != VERSION:
        return None
    _, flags, rtt_ms = _PACKET.unpack_from(data)
    return bool(flags & HEARS), bool(flags & LATE), rtt_ms or None


def interval(people: int) -> Seconds:
    """Time between two packets to the same person while nothing changes."""
    return Seconds(max(TICK, people / PEOPLE_A_SECOND))


class Ears:
    """Decides whose sound we really play. Use from one event loop.

    Args:
        hearing: Whom we silenced, and how loud each is.
        sight: What flows.
    """

    def __init__(self, hearing: Hearing, sight: Sight) -> None:
        self._hearing = hearing
        self._flows = sight.flows
        self._sends_since: dict[Identity, Seconds] = {}
        self.is_loud = True
        """There is a speaker, and the system's mixer lets it be heard."""

    def judge(self, others: Iterable[rtc.RemoteParticipant], now: Seconds) -> dict[Identity, bool]:
        """Whether we hear each of those who send; who only just began is left out."""
        senders = {Identity(one.identity): one for one in others if is_sending(one)}
        self._sends_since = {who: self._sends_since.get(who, now) for who in senders}
        verdicts = {who: self._hears(who, one, now) for who, one in senders.items()}
        return {who: hears for who, hears in verdicts.items() if hears is not None}

    def _hears(self, who: Identity, one: rtc.RemoteParticipant, now: Seconds) -> bool | None:
        if self._flows.plays is None:
            return None
        if not (self._flows.plays and self.is_loud and self._hearing.is_audible(one)):
            return False
        if self._flows.flows(who, now):
            return True
        return None if now - self._sends_since[who] < FRESH else False


class HeardBy:
    """Tells the others, and takes what they tell. Use from one event loop.

    Args:
        room: Not connected yet.
        ears: Whose sound we play.
        sight: Our own round-trip time, how long others' sound waits; told whether ours does.
        tasks: Owns what runs here.
        changed: Told whether somebody hears us, when that changes; None is not known.
        now: The monotonic time; tests put their own here.
    """

    def __init__(
        self,
        room: rtc.Room,
        ears: Ears,
        sight: Sight,
        tasks: TaskOwner,
        changed: Callable[[dict[Identity, bool | None]], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._room = room
        self._ears = ears
        self._sight = sight
        self._tasks = tasks
        self._changed = changed
        self._now = now
        self._said: dict[Identity, tuple[bool, Seconds, int]] = {}
        """What each was told, when, and how often."""
        self._told: dict[Identity, Told] = {}
        self._shown: dict[Identity, bool | None] = {}
        self._saying: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Go on for as long as the tasks do."""
        self._tasks.start(self._run(), name="heard by")

    def rtt_ms(self, identity: Identity) -> int | None:
        """The round-trip time that another one told; it tells while we speak."""
        told = self._told.get(identity)
        return told.rtt_ms if told is not None else None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            if self._room.connection_state == rtc.ConnectionState.CONN_CONNECTED:
                await self.tick()
            else:
                self._sight.is_late_needlessly = False

    async def tick(self) -> None:
        """Tell who is due to be told, and forget what was told too long ago."""
        now = Seconds(self._now())
        self._forget(now)
        self._sight.is_late_needlessly = self._is_late_for_all()
        if not self._room.local_participant.permissions.can_publish_data:
            return
        verdicts = self._ears.judge(list(self._room.remote_participants.values()), now)
        self._said = {who: said for who, said in self._said.items() if who in verdicts}
        waits = self._sight.flows.waits_needlessly
        late = {who for who, heard in verdicts.items() if heard and waits(who, now)}
        for hears, is_late in ((True, False), (True, True), (False, False)):
            due = [
                who
                for who, heard in verdicts.items()
                if heard is hears and (who in late) == is_late and self._is_due(who, hears, now)
            ]
            for at in range(0, len(due), MAX_TO):
                await self._send(due[at : at + MAX_TO], now, hears=hears, is_late=is_late)

    def _is_due(self, who: Identity, hears: bool, now: Seconds) -> bool:
        said, at, times = self._said.get(who, (None, 0.0, 0))
        every = interval(len(self._room.remote_participants))
        return said is not hears or times < REPEATS or now - at >= every

    async def _send(self, to: list[Identity], now: Seconds, *, hears: bool, is_late: bool) -> None:
        for who in to:
            said, _, times = self._said.get(who, (None, 0.0, 0))
            self._said[who] = (hears, now, times + 1 if said is hears else 1)
        try:
            await self._room.local_participant.publish_data(
                packet(hears=hears, rtt_ms=self._sight.link.rtt_ms, is_late=is_late),
                reliable=False,
                destination_identities=[str(who) for who in to],
                topic=TOPIC,
            )
        except PublishDataError as error:
            _log.info("not told who is heard: %s", error.message)

    # What the others tell

    def on_data(self, data: rtc.DataPacket) -> None:
        """Somebody sent something; it may be about us."""
        sender = data.participant
        if data.topic != TOPIC or sender is None:
            return
        identity, now = Identity(sender.identity), Seconds(self._now())
        if identity not in self._room.remote_participants:
            return
        before = self._told.get(identity)
        if before is not None and now - before.at < NEAREST:
            return
        if (said := read_packet(data.data)) is None:
            return
        hears, is_late, rtt_ms = said
        self._told[identity] = Told(hears=hears, is_late=is_late, rtt_ms=rtt_ms, at=now)
        self._say_soon()

    def _forget(self, now: Seconds) -> None:
        present = self._room.remote_participants
        longest = LAPSE * interval(len(present))
        self._told = {
            who: told
            for who, told in self._told.items()
            if who in present and now - told.at < longest
        }
        self._say_soon()

    def _is_late_for_all(self) -> bool:
        """Whether everybody here told, and our sound waits needlessly at each who hears it."""
        present = self._room.remote_participants
        if interval(len(present)) > TICK or self._told.keys() != present.keys():
            return False
        late = [told.is_late for told in self._told.values() if told.hears]
        return bool(late) and all(late)

    def _say_soon(self) -> None:
        if self._saying is None and self._news():
            self._saying = asyncio.get_running_loop().call_later(SAY_AFTER, self._say)

    def _news(self) -> dict[Identity, bool | None]:
        known: dict[Identity, bool | None] = {w: told.hears for w, told in self._told.items()}
        gone = {who: None for who in self._shown if who not in known}
        return {w: h for w, h in (known | gone).items() if self._shown.get(w) is not h}

    def _say(self) -> None:
        self._saying = None
        if news := self._news():
            self._shown = {who: told.hears for who, told in self._told.items()}
            self._changed(news)

    def close(self) -> None:
        """Tell nothing more."""
        if self._saying is not None:
            self._saying.cancel()


def is_sending(one: rtc.RemoteParticipant) -> bool:
    """Whether somebody means to be heard now."""
    is_person = one.kind != rtc.ParticipantKind.PARTICIPANT_KIND_EGRESS
    return is_person and any(not sound.muted for sound in voices(one))
