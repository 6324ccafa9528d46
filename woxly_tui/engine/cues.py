"""Cues: which is played, how loud, and by whom.

    Snapshot ─► CueNews ─┐              ┌─► mixer of the media worker: in a call, where it mixes
    play, loop, stop ────┴─► CueDesk ───┴─► cue player, a process of its own: whenever else

The mixer takes a cue into what the echo canceller knows of. The native backend cannot; and a ring
sounds where there is no call, hence no worker.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from woxly_tui.call.cue_news import CueNews
from woxly_tui.call.snapshot import CallPhase, Snapshot
from woxly_tui.media.cue_messages import CueCommand, PlayCue, StopCue
from woxly_tui.types import Cue


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
        self._is_mixed = False
        """The media worker mixes, and can mix in a cue."""
        self._speaker = ""
        self.environment: Mapping[str, str] = {}
        """Variables about sound, of whoever asked for the call."""
        self.wishes = wishes or CueWishes()

    def see(self, snapshot: Snapshot) -> None:
        """Play whatever the newest state is worth; call it for each one that differs."""
        devices = snapshot.devices
        chosen = devices.chosen_speaker
        self._speaker = devices.speaker or (chosen.name if chosen is not None else "")
        is_mixed = (
            snapshot.phase is CallPhase.ESTABLISHED
            and snapshot.microphone.backend == "mixer"
            and not snapshot.microphone.is_starting
        )
        if is_mixed != self._is_mixed:
            self._move_loop(is_mixed)
        for cue in self._news.see(snapshot, quiet_above=self.wishes.quiet_above):
            self.play(cue)

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

    def _move_loop(self, is_mixed: bool) -> None:
        if self._loop is not None:
            self._send(StopCue())
        self._is_mixed = is_mixed
        if self._loop is not None:
            self.loop(self._loop)

    def _play(self, cue: Cue, *, is_looped: bool) -> None:
        if self.wishes.is_on and self.wishes.percent > 0:
            self._send(PlayCue(cue, self.wishes.percent, is_looped, self._speaker))

    def _send(self, command: CueCommand) -> None:
        if self._is_mixed:
            self._to_worker(command)
        else:
            self._player.send(command, self.environment)
