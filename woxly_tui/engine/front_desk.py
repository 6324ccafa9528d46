"""Carries out what front ends ask: each command goes to the desk that it is for."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Final

from woxly_tui._lib.clock import Clock
from woxly_tui.call import events as happened
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.ringing.commands import Refuse
from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.call.sound_acts import ptt_refusal
from woxly_tui.control import messages as control
from woxly_tui.engine.ask_desk import Ask, AskDesk
from woxly_tui.engine.call_desk import CallDesk
from woxly_tui.engine.lobby_desk import LobbyDesk
from woxly_tui.engine.play_desk import PlayCommand, PlayDesk
from woxly_tui.engine.preferences import Preference, Preferences
from woxly_tui.engine.translate import sound_act
from woxly_tui.engine.worker_keeper import WorkerKeeper
from woxly_tui.errors import WoxlyError
from woxly_tui.media import messages as media
from woxly_tui.types import Seconds

SETTLE_LIMIT: Final = Seconds(1.2)
"""How long a reply waits for the worker's confirmation; just past `is_failing`."""


@dataclass(frozen=True, slots=True)
class Desks:
    """Whom commands are for."""

    call: CallDesk
    worker: WorkerKeeper
    preferences: Preferences
    asks: AskDesk
    lobby: LobbyDesk
    play: PlayDesk


@dataclass(frozen=True, slots=True)
class Call:
    """The call machine, as commands need it."""

    feed: Callable[[happened.CallEvent], None]
    snapshot: Callable[[], Snapshot]
    is_in_call: Callable[[], bool]
    publish: Callable[[], None]
    changed: asyncio.Event
    """Set whenever another snapshot is published."""


class FrontDesk:
    """Answers commands. Use from the engine's event loop."""

    def __init__(self, desks: Desks, call: Call, clock: Clock) -> None:
        self._desks = desks
        self._call = call
        self._snapshot = call.snapshot
        self._clock = clock

    async def handle(self, command: control.Command) -> control.Reply:
        """Carry out a command, and wait for the worker's confirmation where there is one."""
        match command:
            case (
                control.SetMute()
                | control.ToggleMute()
                | control.SetDeafen()
                | control.ToggleDeafen()
            ):
                self._call.feed(sound_act(command))
            case control.SetPtt():
                return await self._hold(command)
            case control.Join() | control.Rejoin() | control.Leave():
                return await self._come_or_go(command)
            case control.Drill(scenario=scenario):
                return self._drill(scenario)
            case _ if isinstance(command, Preference):
                return self._prefer(command)
            case (
                control.SendChat()
                | control.GetDetails()
                | control.SetRecording()
                | control.StartPlay()
                | control.PlaySound()
                | control.StopPlay()
            ):
                return await self._ask(command)
            case _ if not isinstance(command, control.GetSnapshot):
                reply = await self._in_lobby(self._desks.lobby.handle(command))
                return replace(reply, lobby=self._desks.lobby.state)
        return replace(await self._settled(), lobby=self._desks.lobby.state)

    async def _in_lobby(self, act: Awaitable[Refuse | None]) -> control.Reply:
        if (refusal := await act) is not None:
            return self._refused(refusal.message, refusal.remedy)
        if not self._call.is_in_call():
            await self._desks.worker.settled()  # or the microphone might still be open
        return control.Reply(ok=True, snapshot=self._snapshot())

    async def _ask(self, asked: Ask | PlayCommand) -> control.Reply:
        if isinstance(asked, control.SendChat) and self._desks.lobby.has_call:
            # The others read the room's messages; guests of the call have none, and do not.
            return await self._in_lobby(self._desks.lobby.say(asked.text))
        try:
            if isinstance(asked, PlayCommand):
                await self._desks.play.handle(asked, self._snapshot())
                details: tuple[ParticipantDetails, ...] = ()
            else:
                details = await self._desks.asks.carry_out(asked)
        except WoxlyError as error:
            return self._refused(error.message, error.remedy)
        return control.Reply(ok=True, snapshot=self._snapshot(), details=details)

    async def _settled(self) -> control.Reply:
        limit = self._clock.monotonic() + SETTLE_LIMIT
        snapshot = self._snapshot()
        while snapshot.microphone.is_settling:
            wait = limit - self._clock.monotonic()
            if wait <= 0:
                break
            self._call.changed.clear()
            try:
                await asyncio.wait_for(self._call.changed.wait(), wait)
            except TimeoutError:
                break
            snapshot = self._snapshot()
        if snapshot.microphone.is_pending:
            return self._refused(
                "The media worker has not confirmed this",
                "it is replaced, muted, if it does not answer soon",
            )
        return control.Reply(ok=True, snapshot=snapshot)

    async def _hold(self, command: control.SetPtt) -> control.Reply:
        if command.is_down and (refusal := ptt_refusal(self._snapshot())) is not None:
            return self._refused(*refusal)
        # A clock that runs ahead must not make every later press an old one.
        now_ns = round(self._clock.monotonic() * 1e9)
        at_ns = command.at_ns if command.is_bound else min(command.at_ns or now_ns, now_ns)
        self._call.feed(happened.PttSet(command.is_down, at_ns, command.is_bound))
        return await self._settled()

    async def _come_or_go(
        self, command: control.Join | control.Rejoin | control.Leave
    ) -> control.Reply:
        call = self._desks.call.lobby_call
        if isinstance(command, control.Rejoin) and call is not None and not self._call.is_in_call():
            return await self._in_lobby(self._desks.lobby.come_back(call))
        try:
            act = self._desks.call.take(command, is_in_call=self._call.is_in_call())
        except WoxlyError as error:
            return self._refused(error.message, error.remedy)
        if act is not None:
            self._call.feed(act)
        if isinstance(command, control.Leave):
            await self._desks.worker.settled()  # or the microphone might still be open
        return control.Reply(ok=True, snapshot=self._snapshot())

    def _refused(self, error: str, remedy: str = "") -> control.Reply:
        return control.Reply(ok=False, snapshot=self._snapshot(), error=error, remedy=remedy)

    def _drill(self, scenario: str) -> control.Reply:
        if self._snapshot().phase is not CallPhase.ESTABLISHED:
            return self._refused("A drill needs a running call", "wait until it is established")
        self._desks.worker.send(media.Simulate(scenario))
        return control.Reply(ok=True, snapshot=self._snapshot())

    def _prefer(self, asked: Preference) -> control.Reply:
        refusal = self._desks.preferences.set(asked, self._snapshot(), self._desks.call.backend)
        self._call.publish()
        return self._refused(*refusal) if refusal else control.Reply(True, self._snapshot())
