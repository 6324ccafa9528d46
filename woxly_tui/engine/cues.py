"""Cues: which is played, how loud, and by whom.

    Snapshot ─► CueNews ─┐              ┌─► mixer of the media worker: in a call, where it mixes
    play, loop, stop ────┴─► CueDesk ───┼─► cue player, a process of its own: whenever else
    CouplingLearnt ──────────┘          └─► nobody: where an open microphone may hear it

The mixer takes a cue into what the echo canceller knows of. The native backend cannot; and a ring
sounds where there is no call, hence no worker. With native, what an open microphone is not known
not to hear is told on the screen only. Where nothing is known yet, the cue of an opening is
handed to the worker with it, which sounds it before, and learns.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from woxly_tui.call.cue_news import CueNews
from woxly_tui.call.device_news import coupled_notice
from woxly_tui.call.snapshot import (
    CallPhase,
    DevicesView,
    Microphone,
    MicState,
    Notice,
    Snapshot,
)
from woxly_tui.media.cue_messages import CueCommand, PlayCue, StopCue
from woxly_tui.media.device_messages import Coupling, CouplingLearnt
from woxly_tui.types import Cue

_MAY_BE_HEARD: Final = (Coupling.COUPLED, Coupling.UNKNOWN)


@dataclass(frozen=True, slots=True)
class CueWishes:
    """What the settings say."""

    is_on: bool = True
    percent: int = 60
    quiet_above: int = 10
    """With more people than this in the call, nobody is heard coming or going."""


class Player(Protocol):
    """Whoever plays cues while no mixer does. One event loop; never waits, never raises."""

    def send(self, command: CueCommand, environment: Mapping[str, str]) -> None:
        """Play, with variables that say where sound goes to; it is started where it must be."""

    async def aclose(self) -> None:
        """End it, and wait until it is reaped."""


class NoPlayer:
    """Plays nothing."""

    def send(self, command: CueCommand, environment: Mapping[str, str]) -> None:
        pass

    async def aclose(self) -> None:
        pass


class _Way(Enum):
    """Who plays what is to be heard now."""

    PLAYER = 0
    MIXER = 1
    NOBODY = 2


class CueDesk:
    """All cues of an engine. Use from one event loop; nothing here waits or raises.

    Args:
        player: Plays where no mixer runs.
        to_worker: Hands a command to the media worker.
        wishes: What the settings say.
    """

    def __init__(
        self,
        player: Player,
        to_worker: Callable[[CueCommand], None],
        wishes: CueWishes | None = None,
    ) -> None:
        self._player = player
        self._to_worker = to_worker
        self._news = CueNews()
        self._loop: Cue | None = None
        self._way = _Way.PLAYER
        self._coupling = Coupling.UNKNOWN
        self._devices = ("", "")
        """Microphone and speaker of which that is known; what is not in use is the one before."""
        self._is_coupling_told = False
        self._handed_over: Cue | None = None
        """The worker sounds it before it opens the microphone."""
        self._speaker = ""
        self.environment: Mapping[str, str] = {}
        """Variables about sound, of whoever asked for the call."""
        self.wishes = wishes or CueWishes()

    def see(self, snapshot: Snapshot) -> None:
        """Play whatever the newest state is worth; call it for each one that differs."""
        devices = snapshot.devices
        chosen = devices.chosen_speaker
        self._speaker = devices.speaker or (chosen.name if chosen is not None else "")
        self._see_devices(devices)
        self._move_loop(self._way_for(snapshot))
        for cue in self._news.see(snapshot, quiet_above=self.wishes.quiet_above):
            if cue is self._handed_over:
                self._handed_over = None
            else:
                self.play(cue)
        if not snapshot.microphone.is_pending:
            self._handed_over = None

    def before_opening(self, snapshot: Snapshot) -> PlayCue | None:
        """The worker is about to be asked to open the microphone; call it before.

        Returns:
            What it is to sound first, to learn whether the microphone hears the speaker.
        """
        self._see_devices(snapshot.devices)
        is_native = snapshot.microphone.backend == "native"
        if not is_native or self._coupling not in _MAY_BE_HEARD:
            return None
        self._move_loop(_Way.NOBODY)
        if self._coupling is Coupling.COUPLED or not self._is_audible:
            return None
        cue = self._handed_over = self._news.due_before_opening(snapshot)
        return PlayCue(cue, self.wishes.percent) if cue is not None else None

    def learn(self, event: CouplingLearnt) -> Notice | None:
        """The worker knows more of the devices; returns what to tell the user, once."""
        self._devices = (event.microphone, event.speaker)
        self._coupling = event.coupling
        if event.coupling is not Coupling.COUPLED or self._is_coupling_told or not self._is_audible:
            return None
        self._is_coupling_told = True
        return coupled_notice()

    def play(self, cue: Cue) -> None:
        """Play a cue once, after what is being played."""
        self._play(cue, is_looped=False)

    def loop(self, cue: Cue) -> None:
        """Play a cue again and again until `stop`; one loop takes the place of another."""
        self._loop = cue
        self._play(cue, is_looped=True)

    def stop(self) -> None:
        """End the loop; harmless where there is none."""
        if self._loop is not None:
            self._loop = None
            self._send(StopCue())

    def change(self, wishes: CueWishes) -> None:
        """Other settings from now on."""
        self.wishes = wishes
        if self._loop is None:
            return
        if wishes.is_on and wishes.percent > 0:
            self.loop(self._loop)
        else:
            self._send(StopCue())

    async def aclose(self) -> None:
        """End the player."""
        await self._player.aclose()

    @property
    def _is_audible(self) -> bool:
        return self.wishes.is_on and self.wishes.percent > 0

    def _see_devices(self, view: DevicesView) -> None:
        before = self._devices
        self._devices = (view.microphone or before[0], view.speaker or before[1])
        pairs = zip(before, self._devices, strict=True)
        if any(was and was != now for was, now in pairs):
            self._coupling = Coupling.UNKNOWN
            self._is_coupling_told = False

    def _way_for(self, snapshot: Snapshot) -> _Way:
        mic = snapshot.microphone
        if mic.backend == "mixer":
            is_mixed = snapshot.phase is CallPhase.ESTABLISHED and not mic.is_starting
            return _Way.MIXER if is_mixed else _Way.PLAYER
        is_unsafe = mic.backend == "native" and self._coupling in _MAY_BE_HEARD
        return _Way.NOBODY if is_unsafe and _is_open(mic) else _Way.PLAYER

    def _move_loop(self, way: _Way) -> None:
        if way is self._way:
            return
        if self._loop is not None:
            self._send(StopCue())
        self._way = way
        if self._loop is not None:
            self.loop(self._loop)

    def _play(self, cue: Cue, *, is_looped: bool) -> None:
        if self._is_audible:
            self._send(PlayCue(cue, self.wishes.percent, is_looped, self._speaker))

    def _send(self, command: CueCommand) -> None:
        match self._way:
            case _Way.MIXER:
                self._to_worker(command)
            case _Way.PLAYER:
                self._player.send(command, self.environment)


def _is_open(mic: Microphone) -> bool:
    """Whether it is open, or will be as soon as the worker has heard of it."""
    is_wanted = not mic.wanted_deafened and (not mic.wanted_muted or mic.ptt.is_down)
    return mic.state is MicState.OPEN or (mic.state is MicState.MUTED and is_wanted)
