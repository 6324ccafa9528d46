"""What the user does to the sound of a call, what time does, and what the worker reports."""

from typing import Final, TypeAlias

from woxly_tui.call import endings
from woxly_tui.call.commands import CallCommand, Say
from woxly_tui.call.events import (
    AudioStarted,
    DeafenApplied,
    DeafenSet,
    DeafenToggled,
    MicrophoneApplied,
    MicrophoneSilent,
    Moment,
    MuteSet,
    MuteToggled,
    PttAbandoned,
    PttSet,
    SoundAct,
)
from woxly_tui.call.ptt import MAX_HOLD, WARN_BEFORE, PttDue
from woxly_tui.call.snapshot import CallPhase, Notice, PttMode, Severity, Snapshot
from woxly_tui.call.sound import SoundTruth
from woxly_tui.types import Seconds

SoundReport: TypeAlias = AudioStarted | MicrophoneApplied | MicrophoneSilent | DeafenApplied

_NAMES: Final = {PttMode.TALK: "Push-to-talk", PttMode.MUTE: "Push-to-mute"}


def act(sound: SoundTruth, event: SoundAct, now: Moment, *, is_in_call: bool) -> list[CallCommand]:
    """Take what the user wants; returns what to tell them.

    Muting ends a hold of the push-to-talk key, and so does deafening. A toggle while it is
    held mutes: whoever sees LIVE and presses `m` wants silence.

    Args:
        sound: Whose wanted state to change.
        event: What the user did.
        now: The present.
        is_in_call: The call stands: only then can the push-to-talk key go down.
    """
    match event:
        case MuteSet(on=on):
            _mute(sound, on=on)
        case MuteToggled():
            _mute(sound, on=sound.ptt.is_active or not sound.wanted_muted)
        case DeafenSet(on=on):
            _deafen(sound, on=on)
        case DeafenToggled():
            _deafen(sound, on=not sound.wanted_deafened)
        case PttSet():
            if not event.is_down or (is_in_call and not sound.wanted_deafened):
                sound.ptt.take(event, now)
        case PttAbandoned(at_ns=at_ns):
            return _abandon(sound, at_ns)
    if isinstance(event, MuteSet | MuteToggled) and sound.wanted_deafened:
        after = "muted" if sound.wanted_muted else "open"
        text = f"You are deafened; your microphone will be {after} when you undeafen"
        return [_say(Severity.INFO, text, "press d to hear and speak again")]
    return []


def report(sound: SoundTruth, event: SoundReport, *, has_given_up_sound: bool) -> list[CallCommand]:
    """Take what the worker has done; returns what to tell the user."""
    match event:
        case AudioStarted():
            sound.audio_started(
                backend=event.backend,
                has_microphone=event.has_microphone,
                cause=endings.SOUND_GIVEN_UP if has_given_up_sound else event.cause,
            )
        case MicrophoneApplied(request=0):
            sound.muted_by_server()
            return [_say(Severity.WARNING, "A moderator muted you", "m speaks again")]
        case MicrophoneApplied():
            sound.microphone_applied(event.request, is_open=event.is_open)
        case MicrophoneSilent(cause=cause):
            sound.silence_cause = cause
        case DeafenApplied():
            sound.deafen_applied(event.request, on=event.on)
    return []


def _say(severity: Severity, text: str, remedy: str) -> CallCommand:
    return Say(Notice(severity, text, remedy))


def _mute(sound: SoundTruth, *, on: bool) -> None:
    if on:
        sound.drop_ptt()
    sound.wanted_muted = on


def _deafen(sound: SoundTruth, *, on: bool) -> None:
    if on:
        sound.drop_ptt()
    sound.wanted_deafened = on


def _abandon(sound: SoundTruth, at_ns: int) -> list[CallCommand]:
    if not sound.ptt.is_held_by(at_ns):
        return []
    is_felt = _is_felt(sound)
    sound.drop_ptt()
    if not is_felt:
        return []
    name = _NAMES[sound.ptt.mode]
    text = f"{name} ended: the screen that held it is gone"
    return [_say(Severity.WARNING, text, _after(sound))]


def pass_time(sound: SoundTruth, now: Seconds) -> list[CallCommand]:
    """End the hold that is due to end; returns what the user must know."""
    due = sound.ptt.pass_time(now)
    is_felt = _is_felt(sound)
    if due is PttDue.TOO_LONG:
        sound.drop_ptt()
    if due is None or not is_felt:
        return []
    name = _NAMES[sound.ptt.mode]
    if due is PttDue.CLOSES_SOON:
        text = f"{name} ends by itself in {WARN_BEFORE:.0f} s"
        return [_say(Severity.INFO, text, "let go and press again to go on")]
    return [_say(Severity.WARNING, f"{name} ended after {MAX_HOLD:.0f} s", _after(sound))]


def _after(sound: SoundTruth) -> str:
    if sound.ptt.mode is PttMode.TALK:
        return "press again to go on"
    return "your microphone stays muted until you unmute it"


def _is_felt(sound: SoundTruth) -> bool:
    """Whether the key makes a difference to what is sent."""
    return sound.ptt.is_active and sound.wanted_muted == (sound.ptt.mode is PttMode.TALK)


def ptt_refusal(snapshot: Snapshot) -> tuple[str, str] | None:
    """Why the push-to-talk key cannot go down now, and what to do; None if it can."""
    if snapshot.phase is not CallPhase.ESTABLISHED:
        is_broken = snapshot.phase is CallPhase.RECONNECTING
        return ("The call is interrupted" if is_broken else "There is no call", "")
    if snapshot.microphone.wanted_deafened:
        return ("You are deafened: nobody hears you", "undeafen first")
    return None
