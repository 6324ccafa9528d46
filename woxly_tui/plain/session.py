"""`--plain`: the call as lines, for screen readers, simple terminals and logs.

updates ──► Reporter ──► a line each ──► write
typed line ──► word ──► command ──► client ──► reply ──► Reporter
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from enum import Enum
from typing import Any, Final, Protocol

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.call.snapshot import CallPhase, Ending, Levels, Snapshot
from woxly_tui.control.client import EngineClient
from woxly_tui.control.lobby import AcceptRing, HangUp, RejectRing
from woxly_tui.control.messages import (
    UPDATES,
    Command,
    GetDetails,
    Leave,
    Rejoin,
    SelectDevice,
    SendChat,
    SetDeafen,
    SetMute,
    SetPtt,
    SetRecording,
    SetShaping,
    SetVolume,
)
from woxly_tui.errors import UsageError, WoxlyError
from woxly_tui.plain.devices import DEFAULT, KINDS, chosen_line, device_lines, find_device
from woxly_tui.plain.lines import detail_line, person_line, recording_line, state_line
from woxly_tui.plain.news import Event, Reporter
from woxly_tui.plain.people import find_person
from woxly_tui.plain.percent import parse_percent
from woxly_tui.plain.sound import changed_sound, sound_line, sound_lines
from woxly_tui.plain.text import harmless
from woxly_tui.plain.view import Person
from woxly_tui.plain.words import WORDS, help_lines, word_called
from woxly_tui.types import DeviceKind, Identity, UserId

BELL: Final = "\a"
"""Before the line of a ring, unless told otherwise: whoever looks elsewhere hears it."""

WELCOME: Final = "type help for a list of words"

_SHOWN_CHARS: Final = 40
"""Most that is said again of a word that there is not."""

LEAVE_PATIENCE_S: Final = 2.0
"""The engine gets this long to leave politely before the session ends anyway."""


class Ended(Enum):
    """How a session came to its end."""

    DETACHED = "detached"
    """The call goes on."""
    OVER = "over"
    ENGINE_GONE = "engine gone"


class Lines(Protocol):
    """Where typed lines come from."""

    async def next(self) -> bytes | None:
        """The next line, without its end; None when there are no more."""


class PlainSession:
    """One front end's conversation in lines. Use from one event loop.

    Args:
        client: The engine. The caller closes it after the session has ended.
        write: Prints one line; may block.
        hangs_up: The end of the typed lines leaves the call, where it otherwise detaches.
        can_detach: Whether the call can go on without this front end.
        alarm: What goes before the line of somebody's ring, so that it is noticed.
    """

    def __init__(
        self,
        client: EngineClient,
        write: Callable[[str], None],
        *,
        hangs_up: bool,
        can_detach: bool = True,
        alarm: Callable[[str], str] = lambda _: BELL,
    ) -> None:
        self._client = client
        self._write = write
        self._hangs_up = hangs_up or not can_detach
        self._can_detach = can_detach
        self._alarm = alarm
        self._reporter = Reporter()
        self._rev = -1
        self._states_told = 0
        self._snapshot = Snapshot()
        self._is_input_over = False
        self._is_leaving = False
        self._was_established = False
        self._tasks = TaskOwner("plain")
        self._end: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._doing: Mapping[str, Callable[[str], Awaitable[None]]] = {
            word.name: getattr(self, f"_do_{word.name}") for word in WORDS
        }

    @property
    def ending(self) -> Ending | None:
        """Why the call ended; None while it goes on."""
        return self._snapshot.ending

    async def run(self, lines: Lines) -> Ended:
        """Until the call is over, or the user leaves or detaches."""
        self._write(WELCOME)
        try:
            self._tasks.start(self._report(), name="updates")
            self._tasks.start(self._obey(lines), name="words")
            return await self._end
        finally:
            await self._tasks.aclose()

    def leave(self) -> None:
        """Leave the call, and end. Call on the event loop."""
        self._tasks.start(self._do_leave(""), name="leave")

    def close(self) -> None:
        """End as the end of the typed lines does. Call on the event loop."""
        if not self._is_input_over:
            self._is_input_over = True
            self._tasks.start(self._on_input_over(), name="close")

    # What the engine says

    async def _report(self) -> None:
        try:
            async for update in self._client.updates():
                if isinstance(update, Snapshot):
                    self._take(update)
                elif not isinstance(update, Levels):
                    self._tell(self._reporter.take(UPDATES.to_dict(update)))
        except WoxlyError as error:
            self._tell_error(error.message, error.remedy)
        if not self._end.done():
            self._tell(self._reporter.engine_gone())
            self._finish(Ended.OVER if self._snapshot.ending else Ended.ENGINE_GONE)

    def _take(self, snapshot: Snapshot) -> None:
        """Tell what a snapshot brings."""
        if snapshot.rev <= self._rev:
            return
        self._rev = snapshot.rev
        self._snapshot = snapshot
        self._was_established |= snapshot.established_at is not None
        events = self._reporter.take(UPDATES.to_dict(snapshot))
        self._tell(events)
        if self._is_input_over and not (self._is_leaving or self._hangs_up or self._is_joining):
            self._finish(Ended.DETACHED if self._reporter.call.has_call else Ended.OVER)
        if snapshot.phase is CallPhase.ENDED:
            if self._is_leaving or self._is_input_over or not self._was_established:
                self._finish(Ended.OVER)
            elif events and snapshot.ending is not None:
                self._write(f"{harmless(snapshot.ending.remedy)} type rejoin or leave".strip())

    def _tell(self, events: list[Event]) -> None:
        for event in events:
            self._states_told += event.kind == "state"
            for line in event.lines:
                self._write(self._ring_line(event) if event.kind == "ring" else line)

    def _ring_line(self, event: Event) -> str:
        alarm = "" if event.values["silent"] else self._alarm(event.values["name"])
        return f"{alarm}{event.lines[0]}: type accept or reject"

    def _tell_error(self, message: str, remedy: str) -> None:
        self._write(harmless(f"error: {message}: {remedy}" if remedy else f"error: {message}"))

    def _finish(self, how: Ended) -> None:
        if not self._end.done():
            self._end.set_result(how)

    # What the user says

    async def _obey(self, lines: Lines) -> None:
        while (line := await lines.next()) is not None:
            try:
                await self._do(line.decode("utf-8", "replace").strip())
            except WoxlyError as error:
                self._tell_error(error.message, error.remedy)
        self.close()

    async def _on_input_over(self) -> None:
        if self._hangs_up:
            await self._do_leave("")
        elif self._is_joining:
            return  # whoever is told that the call goes on must know that there is one
        else:
            await self._do_detach("")

    @property
    def _is_joining(self) -> bool:
        """Whether it is not known yet if there will be a call."""
        is_unknown = self._rev < 0 or self._snapshot.phase is CallPhase.CONNECTING
        return self._can_detach and not self._was_established and is_unknown

    async def _do(self, line: str) -> None:
        typed, _, rest = line.partition(" ")
        if not typed:
            if self._snapshot.microphone.ptt.is_down:
                await self._hold_key(is_down=False)
            return
        word = word_called(typed)
        if word is None:
            shown = typed if len(typed) <= _SHOWN_CHARS else typed[:_SHOWN_CHARS] + "…"
            raise UsageError(f"there is no word {shown!r}", "type help for a list of them")
        await self._doing[word.name](rest.strip())

    async def _send(self, command: Command) -> Snapshot:
        """Send a command; its effect is told.

        Raises:
            WoxlyError: The engine refuses it.
        """
        before = self._states_told
        reply = await self._client.send(command)
        self._take(reply.snapshot)
        if not reply.ok:
            raise WoxlyError(reply.error, reply.remedy)
        if self._states_told == before and isinstance(
            command, SetMute | SetDeafen | SetPtt | Rejoin
        ):
            self._write(state_line(self._reporter.call))
        return reply.snapshot

    async def _do_mute(self, _: str) -> None:
        await self._send(SetMute(on=True))

    async def _do_unmute(self, _: str) -> None:
        await self._send(SetMute(on=False))

    async def _do_deafen(self, _: str) -> None:
        await self._send(SetDeafen(on=True))

    async def _do_undeafen(self, _: str) -> None:
        await self._send(SetDeafen(on=False))

    async def _do_talk(self, _: str) -> None:
        await self._hold_key(is_down=True)

    async def _hold_key(self, *, is_down: bool) -> None:
        await self._send(SetPtt(is_down, time.monotonic_ns(), is_bound=True))

    async def _do_volume(self, rest: str) -> None:
        name, _, last = rest.rpartition(" ")
        percent = parse_percent(last) if name and last.rstrip("%").isdecimal() else None
        person = find_person(rest if percent is None else name, self._reporter.call.others)
        if percent is not None:
            await self._send(SetVolume(Identity(person.identity), percent))
            return
        self._write(person_line(person))

    async def _do_record(self, rest: str) -> None:
        if rest not in ("on", "off", ""):
            raise UsageError("it is record on, record off, or record alone", "type one of these")
        if rest:
            await self._send(SetRecording(rest == "on"))
        self._write(recording_line(self._reporter.call, time.time()))

    async def _do_devices(self, _: str) -> None:
        for line in device_lines(self._wire()["devices"]):
            self._write(line)

    async def _do_device(self, rest: str) -> None:
        typed, _, name = rest.partition(" ")
        kind = KINDS.get(typed.lower())
        if kind is None or not name.strip():
            raise UsageError("which device?", "type device mic NAME, or device speaker NAME")
        found = "" if name.strip() == DEFAULT else find_device(name, kind, self._wire()["devices"])
        await self._send(SelectDevice(DeviceKind(kind), found))
        self._write(chosen_line(kind, self._wire()["devices"]))

    async def _do_sound(self, rest: str) -> None:
        if not rest:
            for line in sound_lines(self._wire()["shaping"]):
                self._write(line)
            return
        change = changed_sound(rest, self._wire()["shaping"])
        await self._send(SetShaping(**change))
        for key in change:
            self._write(sound_line(key, self._wire()["shaping"]))

    def _wire(self) -> Mapping[str, Any]:
        """The state as it is on the wire, which the lines are made from."""
        return UPDATES.to_dict(self._snapshot)

    async def _do_say(self, rest: str) -> None:
        if not rest:
            raise UsageError("there is nothing to say", "type say and a text")
        await self._send(SendChat(rest))

    async def _do_who(self, _: str) -> None:
        people = self._reporter.call.people
        for line in map(person_line, people):
            self._write(line)
        if not people:
            self._write("nobody")

    async def _do_details(self, rest: str) -> None:
        people = self._reporter.call.people
        if rest:
            people = (find_person(rest, people),)
        reply = await self._client.send(GetDetails())
        if not reply.ok:
            raise WoxlyError(reply.error, reply.remedy)
        found = {one.identity: asdict(one) for one in reply.details}
        for person in people:
            self._write(detail_line(person, found.get(Identity(person.identity), {})))

    async def _do_status(self, _: str) -> None:
        self._write(state_line(self._reporter.call, time.time()))

    async def _do_accept(self, rest: str) -> None:
        await self._send(AcceptRing(self._ringer(rest)))

    async def _do_reject(self, rest: str) -> None:
        await self._send(RejectRing(self._ringer(rest)))

    def _ringer(self, name: str) -> UserId:
        incoming = self._reporter.call.rings.incoming
        if not incoming:
            raise UsageError("nobody rings", "wait until somebody does")
        if not name and len(incoming) == 1:
            return UserId(incoming[0].user)
        people = [Person(str(one.user), one.name) for one in incoming]
        return UserId(int(find_person(name, people).identity))

    async def _do_hangup(self, _: str) -> None:
        await self._send(HangUp())

    async def _do_rejoin(self, _: str) -> None:
        await self._send(Rejoin())

    async def _do_detach(self, _: str) -> None:
        if not self._can_detach:
            raise UsageError("this call ends with its screen", "type leave to leave it")
        # Before the first snapshot there is a call that was asked for, and goes on.
        is_over = self._rev >= 0 and not self._reporter.call.has_call
        self._finish(Ended.OVER if is_over else Ended.DETACHED)

    async def _do_leave(self, _: str) -> None:
        self._is_leaving = True
        asyncio.get_running_loop().call_later(LEAVE_PATIENCE_S, self._finish, Ended.OVER)
        try:
            reply = await self._client.send(Leave())
        except WoxlyError:
            self._finish(Ended.OVER)
            return
        self._take(reply.snapshot)
        if self._snapshot.phase in (CallPhase.ENDED, CallPhase.IDLE):
            self._finish(Ended.OVER)

    async def _do_help(self, _: str) -> None:
        for line in help_lines():
            self._write(line)
