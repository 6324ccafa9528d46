"""What the user does to the sound of a call, and what the worker reports of it."""

from typing import TypeAlias

from woxly_tui.call import endings
from woxly_tui.call.commands import CallCommand, Say
from woxly_tui.call.events import (
    AudioStarted,
    DeafenApplied,
    DeafenSet,
    DeafenToggled,
    MicrophoneApplied,
    MuteSet,
    MuteToggled,
)
from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.call.sound import SoundTruth

SoundAct: TypeAlias = MuteSet | MuteToggled | DeafenSet | DeafenToggled
SoundReport: TypeAlias = AudioStarted | MicrophoneApplied | DeafenApplied


def act(sound: SoundTruth, event: SoundAct) -> list[CallCommand]:
    """Take what the user wants; returns what to tell them."""
    match event:
        case MuteSet(on=on):
            sound.wanted_muted = on
        case MuteToggled():
            sound.wanted_muted = not sound.wanted_muted
        case DeafenSet(on=on):
            sound.wanted_deafened = on
        case DeafenToggled():
            sound.wanted_deafened = not sound.wanted_deafened
    if not (sound.wanted_deafened and isinstance(event, MuteSet | MuteToggled)):
        return []
    after = "muted" if sound.wanted_muted else "open"
    return [
        Say(
            Notice(
                Severity.INFO,
                f"You are deafened; your microphone will be {after} when you undeafen",
                "press d to hear and speak again",
            )
        )
    ]


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
            return [Say(Notice(Severity.WARNING, "A moderator muted you", "m speaks again"))]
        case MicrophoneApplied():
            sound.microphone_applied(event.request, is_open=event.is_open)
        case DeafenApplied():
            sound.deafen_applied(event.request, on=event.on)
    return []
