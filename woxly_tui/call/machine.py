"""One call as a state machine: events in, commands out. No I/O, no clock, no chance of its own.

    IDLE ─JoinAsked─► CONNECTING ─SessionConnected─► ESTABLISHED ◄──resumed── RECONNECTING
                          │                              └──interrupted, lost──────►┘ ▲
                          └─refused, unreachable─► ENDED ◄─left, evicted, closed──────┘

A session is one connected `rtc.Room`; the machine numbers them and ignores what is said
about an older one. A lost session costs the worker its life: a fresh process has no leaked
track and no stale sound stream, and publishes its microphone muted.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from woxly_tui.call import endings, sound_acts
from woxly_tui.call.commands import CallCommand, Finish, Join, StartWorker, StopWorker
from woxly_tui.call.events import (
    AudioStarted,
    CallEvent,
    DeafenApplied,
    DeafenSet,
    DeafenToggled,
    JoinAsked,
    JoinFailed,
    LeaveAsked,
    LinkChanged,
    Loss,
    MachineSlept,
    MicrophoneApplied,
    MicrophoneSilent,
    Moment,
    MuteSet,
    MuteToggled,
    PttAbandoned,
    PttSet,
    RemoteChanged,
    RemoteGone,
    RetryAsked,
    SessionClosed,
    SessionConnected,
    SessionInterrupted,
    SessionLost,
    SessionReport,
    SessionResumed,
    SoundAct,
    SoundReturned,
    TimePassed,
    WorkerLost,
    WorkerReady,
)
from woxly_tui.call.ptt import PttKey
from woxly_tui.call.retry import RetrySchedule
from woxly_tui.call.roster import Roster
from woxly_tui.call.snapshot import (
    CallPhase,
    Ending,
    EndReason,
    MicState,
    ParticipantView,
    Quality,
    Snapshot,
)
from woxly_tui.call.sound import SoundTruth
from woxly_tui.call.sound_acts import SoundReport
from woxly_tui.call.volumes import Volumes
from woxly_tui.types import Identity, Seconds

ATTEMPT_LIMIT: Final = Seconds(30.0)
"""Longest attempt, worker start included; LiveKit's own four tries end before this."""

RESUME_LIMIT: Final = Seconds(20.0)
"""How long the SDK may try to resume; it would go on for 44 s and more (livekit-rust
reconnect_strategy.rs), with the sound devices held."""

AUDIO_LIMIT: Final = Seconds(15.0)
"""How long the sound may take to start once the room is joined."""


class CallMachine:
    """The calls of one user, one at a time.

    Args:
        random: Returns a number in [0, 1), for the jitter of waits.
    """

    def __init__(self, *, random: Callable[[], float]) -> None:
        self.sound = SoundTruth(is_muted=True)
        self.volumes = Volumes()
        self._roster = Roster(self.volumes)
        self._retry = RetrySchedule(random)
        self._phase = CallPhase.IDLE
        self._session = 0
        self._has_worker = False
        self._worker_is_ready = False
        self._is_connected = False
        self._joined_deafened = False
        self._identity: Identity | None = None
        self._name = ""
        self._quality = Quality.UNKNOWN
        self._rtt_ms: int | None = None
        self._established_at: Seconds | None = None
        self._attempt_until: Seconds | None = None
        self._retry_at: Moment | None = None
        self._trouble = ""
        self._ending: Ending | None = None
        self._base = Snapshot()
        self._last = self._base

    @property
    def is_in_call(self) -> bool:
        """Whether a call is wanted: it is joined, being joined, or to be joined again."""
        return self._phase not in (CallPhase.IDLE, CallPhase.ENDED)

    # Events

    def handle(self, event: CallEvent, now: Moment) -> list[CallCommand]:
        """Take one event; returns what to do, in order."""
        match event:
            case JoinAsked():
                return self._on_join_asked(event, now)
            case RetryAsked():
                return self._on_retry_asked(now)
            case LeaveAsked():
                return self._end(endings.left())
            case (
                MuteSet()
                | MuteToggled()
                | DeafenSet()
                | DeafenToggled()
                | PttSet()
                | PttAbandoned()
            ):
                return self._on_sound_act(event, now)
            case WorkerReady():
                return self._on_worker_ready(now)
            case WorkerLost():
                return self._on_worker_lost(event, now)
            case TimePassed():
                return self._on_time(now)
            case MachineSlept():
                return self._lose(Loss.SLEEP, "", now) if self._is_connected else []
        if event.session != self._session or self._phase is CallPhase.ENDED:
            return []
        return self._on_report(event, now)

    def _on_report(self, event: SessionReport, now: Moment) -> list[CallCommand]:
        match event:
            case JoinFailed():
                return self._on_join_failed(event, now)
            case SessionConnected():
                return self._on_connected(event, now)
            case SessionLost():
                return self._lose(event.loss, event.detail, now)
            case SessionClosed():
                return self._end(endings.closed(event.reason))
            case SoundReturned():
                return self._join_anew(Loss.SOUND_BACK, now)
            case SessionInterrupted():
                return self._on_interrupted(now)
            case SessionResumed():
                return self._on_resumed(now)
            case AudioStarted() | MicrophoneApplied() | MicrophoneSilent() | DeafenApplied():
                return self._on_sound_report(event, now)
        self._note(event, now)
        return []

    def _note(self, event: RemoteChanged | RemoteGone | LinkChanged, now: Moment) -> None:
        match event:
            case RemoteChanged():
                self._roster.update(event.participant)
            case RemoteGone():
                self._roster.leave(event.identity, now.monotonic)
            case LinkChanged():
                self._quality, self._rtt_ms = event.quality, event.rtt_ms

    # Joining and losing

    def _on_join_asked(self, event: JoinAsked, now: Moment) -> list[CallCommand]:
        if self.is_in_call:
            return []
        self._base = replace(self._base, room=event.room, server=event.server)
        self._identity, self._name = None, ""
        self.sound.ptt = PttKey(event.ptt_mode)
        self.sound.wanted_muted = event.is_muted
        self.sound.wanted_deafened = event.is_deafened
        return self._begin(now)

    def _begin(self, now: Moment) -> list[CallCommand]:
        self._phase = CallPhase.CONNECTING
        self._ending = None
        self._established_at = None
        self._roster.clear()
        self._retry.reset()
        return self._attempt(now)

    def _on_retry_asked(self, now: Moment) -> list[CallCommand]:
        if self._phase is CallPhase.ENDED:
            return self._begin(now)
        if self._phase is CallPhase.RECONNECTING and self._is_connected:
            return self._lose(Loss.CONNECTION, "", now)
        if self._is_connected and self.sound.is_without_microphone:
            return self._join_anew(Loss.ASKED, now)
        return self._attempt(now) if self._retry_at is not None else []

    def _join_anew(self, why: Loss, now: Moment) -> list[CallCommand]:
        """Nothing went wrong: join again at once, with the sound there is now."""
        self._retry.reset()
        return self._lose(why, "", now)

    def _attempt(self, now: Moment) -> list[CallCommand]:
        self._retry_at = None
        self._attempt_until = Seconds(now.monotonic + ATTEMPT_LIMIT)
        if self._worker_is_ready:
            return self._on_worker_ready(now)
        if self._has_worker:
            return []
        self._has_worker = True
        return [StartWorker()]

    def _on_worker_ready(self, now: Moment) -> list[CallCommand]:
        self._worker_is_ready = True
        if self._retry_at is not None or not self.is_in_call:
            return []
        self._session += 1
        self._attempt_until = Seconds(now.monotonic + ATTEMPT_LIMIT)
        self._joined_deafened = self.sound.wanted_deafened
        return [Join(self._session, self._joined_deafened, self._retry.has_given_up_sound)]

    def _on_connected(self, event: SessionConnected, now: Moment) -> list[CallCommand]:
        self._phase = CallPhase.ESTABLISHED
        self._is_connected = True
        self._identity, self._name = event.identity, event.name
        self._retry.connected(now.monotonic)
        self._attempt_until = Seconds(now.monotonic + AUDIO_LIMIT)
        self._trouble = ""
        self._roster.await_everyone(now.monotonic)
        self._established_at = self._established_at or now.wall
        self.sound.begin(event.session, is_deafened=self._joined_deafened)
        return self._asks(now)

    def _on_interrupted(self, now: Moment) -> list[CallCommand]:
        self._phase = CallPhase.RECONNECTING
        self._trouble = str(Loss.CONNECTION)
        self._attempt_until = Seconds(now.monotonic + RESUME_LIMIT)
        self.sound.drop_ptt()
        return self._asks(now)

    def _on_resumed(self, now: Moment) -> list[CallCommand]:
        self._phase = CallPhase.ESTABLISHED
        self._trouble = ""
        self._attempt_until = None
        self.sound.reassert()
        return self._asks(now, everything=True)

    def _on_join_failed(self, event: JoinFailed, now: Moment) -> list[CallCommand]:
        ending = Ending(event.reason, event.message, event.remedy)
        if event.reason is EndReason.TOKEN:
            self._retry.refused()
        is_hopeless = event.is_final or self._retry.is_refused_for_good
        if self._established_at is None or is_hopeless:
            return self._end(ending)
        return self._wait(event.message, now)

    def _on_worker_lost(self, event: WorkerLost, now: Moment) -> list[CallCommand]:
        if not self.is_in_call:
            return []
        self._has_worker = self._worker_is_ready = False
        return self._lose(Loss.WORKER, event.detail, now)

    def _lose(self, loss: Loss, detail: str, now: Moment) -> list[CallCommand]:
        """The session or the attempt is gone: bury the worker, then try again."""
        self._retry.lost(loss, now.monotonic)
        stop = self._drop_worker()
        if self._established_at is None and self._retry.is_beyond_first_join:
            return stop + self._end(endings.no_media(f"{loss}", detail))
        trouble = f"{loss} ({detail})" if detail else str(loss)
        return stop + self._wait(trouble, now)

    def _wait(self, trouble: str, now: Moment) -> list[CallCommand]:
        """Schedule the next attempt, or begin it where no wait is due."""
        self._is_connected = False
        self._attempt_until = None
        if self._established_at is not None:
            self._phase = CallPhase.RECONNECTING
            self._trouble = trouble
        wait = self._retry.next_wait()
        if wait <= 0:
            return self._attempt(now)
        self._retry_at = Moment(Seconds(now.monotonic + wait), Seconds(now.wall + wait))
        return []

    def _drop_worker(self) -> list[CallCommand]:
        had_worker = self._has_worker
        self._has_worker = self._worker_is_ready = self._is_connected = False
        # What the buried worker may still have said concerns nobody.
        self._session += 1
        self.sound.end()
        self._quality, self._rtt_ms = Quality.UNKNOWN, None
        return [StopWorker()] if had_worker else []

    def _end(self, ending: Ending) -> list[CallCommand]:
        if self._phase is CallPhase.ENDED:
            return []
        stop = self._drop_worker()
        self._phase = CallPhase.ENDED
        self._attempt_until = self._retry_at = None
        self._trouble = ""
        self._ending = ending
        self._roster.clear()
        return [*stop, Finish(ending)]

    # Sound

    def _on_sound_act(self, event: SoundAct, now: Moment) -> list[CallCommand]:
        is_in_call = self._phase is CallPhase.ESTABLISHED
        said = sound_acts.act(self.sound, event, now, is_in_call=is_in_call)
        return said + self._asks(now)

    def _on_sound_report(self, event: SoundReport, now: Moment) -> list[CallCommand]:
        if isinstance(event, AudioStarted) and self._phase is CallPhase.ESTABLISHED:
            self._attempt_until = None
        said = sound_acts.report(
            self.sound, event, has_given_up_sound=self._retry.has_given_up_sound
        )
        return said + self._asks(now)

    def _asks(self, now: Moment, *, everything: bool = False) -> list[CallCommand]:
        return list(self.sound.asks(now.monotonic, everything=everything))

    # Time

    def _on_time(self, now: Moment) -> list[CallCommand]:
        self._roster.expire(now.monotonic)
        if self.sound.is_hopeless(now.monotonic):
            return self._lose(Loss.WORKER, "it did not confirm a mute or deafen", now)
        if self._attempt_until is not None and now.monotonic >= self._attempt_until:
            if self._established_at is None:
                return self._end(endings.no_answer(self._base.server))
            is_joined = self._phase is CallPhase.ESTABLISHED
            return self._lose(Loss.AUDIO if is_joined else Loss.CONNECTION, "no answer", now)
        if self._retry_at is not None and now.monotonic >= self._retry_at.monotonic:
            return self._attempt(now)
        return sound_acts.pass_time(self.sound, now.monotonic) + self._asks(now)

    def next_deadline(self, now: Moment) -> Seconds | None:
        """When TimePassed is due, on the monotonic clock."""
        deadlines = [
            self._attempt_until,
            self._retry_at.monotonic if self._retry_at is not None else None,
            self._roster.next_deadline(),
            *self.sound.deadlines(now.monotonic),
        ]
        return min((at for at in deadlines if at is not None), default=None)

    # State

    def show(self, **fields: Any) -> None:
        """Fields of the snapshot that are none of the call's own business."""
        self._base = replace(self._base, **fields)

    def snapshot(self, now: Moment) -> Snapshot:
        """The present state; the same object, and `rev`, as long as nothing changed."""
        fresh = replace(
            self._base,
            rev=self._last.rev,
            phase=self._phase,
            established_at=self._established_at,
            microphone=self.sound.view(now.monotonic),
            quality=self._quality,
            rtt_ms=self._rtt_ms,
            trouble=self._trouble,
            retry_at=self._retry_at.wall if self._retry_at is not None else None,
            ending=self._ending,
            participants=self._rows(now.monotonic),
        )
        if fresh != self._last:
            self._last = replace(fresh, rev=self._last.rev + 1)
        return self._last

    def _rows(self, now: Seconds) -> tuple[ParticipantView, ...]:
        if self._identity is None or self._phase is CallPhase.ENDED:
            return ()
        microphone = self.sound.view(now)
        own = ParticipantView(
            identity=self._identity,
            name=self._name,
            is_local=True,
            is_muted=microphone.state is MicState.MUTED,
            is_deafened=microphone.is_deafened,
            has_microphone=microphone.state is not MicState.ABSENT,
            is_connecting=self._phase is not CallPhase.ESTABLISHED,
            quality=self._quality,
            is_recording=self._base.recording.is_on,
            plays=self._base.plays,
        )
        return (own, *self._roster.rows())
