"""What the screen says, as plain words. Every colour and glyph has one of these beside it."""

import math
from dataclasses import dataclass, replace
from typing import Final

from woxly_tui._lib.text import with_capital
from woxly_tui.call.device_news import phone_words
from woxly_tui.call.hearers import Hearers, hearers, some_names
from woxly_tui.call.snapshot import (
    CallPhase,
    Microphone,
    MicState,
    ParticipantView,
    PttMode,
    Quality,
    Snapshot,
    StateWord,
)
from woxly_tui.control.lobby import HangUp
from woxly_tui.control.messages import (
    Command,
    Leave,
    Rejoin,
    SetDeafen,
    SetMute,
    SetRecording,
    ToggleDeafen,
    ToggleMute,
)
from woxly_tui.tui.text import plain
from woxly_tui.types import Seconds

PTT_NAMES: Final = {PttMode.TALK: "Push-to-talk", PttMode.MUTE: "Push-to-mute"}

PTT_COUNTDOWN_S: Final = 10
"""From here on the end of the longest hold is counted down."""

QUALITY_DOTS: Final = {
    Quality.UNKNOWN: "○○○○",
    Quality.LOST: "○○○○",
    Quality.POOR: "●○○○",
    Quality.GOOD: "●●●○",
    Quality.EXCELLENT: "●●●●",
}

QUALITY_WORDS: Final = {
    Quality.UNKNOWN: "",
    Quality.LOST: "connection lost",
    Quality.POOR: "poor connection",
    Quality.GOOD: "",
    Quality.EXCELLENT: "",
}


@dataclass(frozen=True, slots=True)
class RowState:
    """A glyph and a word about one participant; `kind` names its style."""

    glyph: str
    word: str
    kind: str


def shown_people(snapshot: Snapshot) -> tuple[ParticipantView, ...]:
    """The participants as they are shown: ourselves as connecting until our sound runs, and
    without a microphone while it delivers nothing."""
    mic = snapshot.microphone
    if not (mic.is_starting or mic.is_silent):
        return snapshot.participants
    return tuple(
        replace(p, is_connecting=mic.is_starting, has_microphone=not mic.is_silent)
        if p.is_local
        else p
        for p in snapshot.participants
    )


def row_states(
    person: ParticipantView, *, is_speaking: bool, is_connected: bool = True
) -> list[RowState]:
    """All that holds of a participant, most important first; never empty.

    `is_connected` is about ourselves: without a connection the others' state is not known.
    """
    if not is_connected and not person.is_local:
        return [RowState("◌", "waiting", "quiet")]
    if person.is_connecting:
        return [RowState("◌", "connecting", "quiet")]
    states = []
    if person.is_deafened:
        states.append(RowState("⊘", "deafened", "off"))
    elif not person.has_microphone:
        states.append(RowState("∅", "no mic", "off"))
    elif person.is_muted:
        states.append(RowState("×", "muted", "off"))
    if person.plays:
        states.append(RowState("♪", f"plays {person.plays}", "quiet"))
    if word := QUALITY_WORDS[person.quality]:
        states.append(RowState("!", word, "warning"))
    if is_speaking and not (person.is_muted or person.is_deafened):
        states.append(RowState("●", "speaking", "speaking"))
    if not states and not is_connected:
        return [RowState("◌", "waiting", "quiet")]
    return states or [RowState("○", "listening", "quiet")]


def doing_now(mic: Microphone) -> str:
    """The change that waits for its confirmation, as `muting…`; empty if none does."""
    if not mic.is_pending:
        return ""
    if mic.wanted_deafened != mic.is_deafened:
        return "deafening…" if mic.wanted_deafened else "undeafening…"
    if mic.state is MicState.OPEN:
        return "muting…"
    return "unmuting…" if not mic.wanted_muted or mic.ptt.is_down else "working…"


def doing_command(command: Command, snapshot: Snapshot) -> str:
    """What a command just sent will do, as far as the state shown can tell."""
    mic = snapshot.microphone
    match command:
        case ToggleMute():
            return "muting…" if mic.state is MicState.OPEN else "unmuting…"
        case ToggleDeafen():
            return "undeafening…" if mic.is_deafened else "deafening…"
        case SetMute(on=on):
            return "muting…" if on else "unmuting…"
        case SetDeafen(on=on):
            return "deafening…" if on else "undeafening…"
        case SetRecording(on=on):
            return "telling everybody, then recording…" if on else "ending the recording…"
        case Leave() | HangUp():
            return "leaving…"
        case Rejoin():
            return "rejoining…"
        case _:
            return ""


def unconfirmed(snapshot: Snapshot) -> str:
    """What an unconfirmed change means for the user: whether others may still hear them."""
    if snapshot.microphone.state is MicState.OPEN:
        return "Not confirmed: others may still hear you"
    return "Not confirmed yet: nothing has changed"


def sentence(snapshot: Snapshot) -> str:
    """What the large state word means, in one sentence."""
    mic = snapshot.microphone
    match snapshot.state_word:
        case StateWord.LIVE if mic.is_deafened:
            return "Others can hear you, but you hear nobody."
        case StateWord.LIVE:
            return _by_key(mic) + _who_hears(snapshot)
        case StateWord.MUTED:
            return _by_key(mic) + "Nobody hears you."
        case StateWord.DEAFENED:
            return "You hear nobody, and nobody hears you."
        case StateWord.NO_MIC if mic.state is MicState.OPEN:
            return "It is open, but delivers nothing."
        case StateWord.NO_MIC:
            return "You are listening only." if mic.backend != "null" else "No sound here."
        case StateWord.RECONNECTING:
            return "The call is interrupted."
        case StateWord.CONNECTING:
            return "Starting the sound…" if mic.is_starting else "Joining…"
        case StateWord.ENDED:
            return full_stop(snapshot.ending.message) if snapshot.ending else "The call is over."


def who_records(snapshot: Snapshot) -> str:
    """`REC you, ann`; empty where nobody does."""
    if snapshot.phase is CallPhase.ENDED or not snapshot.recorders:
        return ""
    names = tuple("you" if p.is_local else plain(p.name) for p in snapshot.recorders)
    return f"REC {some_names(names, 2)}"


def chat_problem(snapshot: Snapshot, *, is_engine_gone: bool) -> str:
    """Why nothing can be sent to the chat now; empty where it can."""
    if is_engine_gone:
        return "woxly's engine is gone: your text is kept"
    match snapshot.phase:
        case CallPhase.ESTABLISHED:
            return ""
        case CallPhase.RECONNECTING | CallPhase.CONNECTING:
            return "no connection: your text is kept"
        case _:
            return "you are in no call: your text is kept"


def is_by_key(mic: Microphone) -> bool:
    """Whether the push-to-talk key makes a difference: without it, the state would be another."""
    return mic.ptt.is_down and mic.wanted_muted == (mic.ptt.mode is PttMode.TALK)


def _by_key(mic: Microphone) -> str:
    return f"{PTT_NAMES[mic.ptt.mode]}. " if is_by_key(mic) else ""


def ptt_ending(snapshot: Snapshot, now: Seconds) -> str:
    """How long the push-to-talk key may be held yet, when that is not long."""
    mic = snapshot.microphone
    if mic.ptt.closes_at is None or not is_by_key(mic):
        return ""
    left = math.ceil(mic.ptt.closes_at - now)
    text = f"{PTT_NAMES[mic.ptt.mode]} ends by itself in {max(0, left)} s"
    return text if left <= PTT_COUNTDOWN_S else ""


def window_title(snapshot: Snapshot) -> str:
    """What the terminal's window is called."""
    parts = ("woxly", plain(snapshot.room), str(snapshot.state_word))
    return " · ".join(part for part in parts if part)


def full_stop(text: str, *, has_name_first: bool = False) -> str:
    """A message as a whole sentence: errors come in lower case, without their full stop."""
    text = text.strip()
    if not text:
        return ""
    start = text if has_name_first else with_capital(text)
    return start + ("" if text[-1] in ".!?…" else ".")


def can_rejoin(snapshot: Snapshot) -> bool:
    """Whether joining again may mend something."""
    mic = snapshot.microphone
    is_deaf = mic.state is MicState.ABSENT and not mic.is_starting
    is_stuck = snapshot.phase is CallPhase.ESTABLISHED and is_deaf
    return is_stuck or snapshot.phase in (CallPhase.RECONNECTING, CallPhase.ENDED)


def who_hears(snapshot: Snapshot) -> Hearers:
    """Who tells that they hear us; nobody is counted while our microphone is not open."""
    is_open = snapshot.state_word is StateWord.LIVE
    return hearers(snapshot.others) if is_open else Hearers()


def _who_hears(snapshot: Snapshot) -> str:
    others = snapshot.others
    told = who_hears(snapshot)
    if told.deaf and not (told.heard or told.unknown):
        return "Nobody here hears you."
    if told.deaf:
        return f"Not heard by {some_names(told.deaf, 3)}."
    if told.heard == len(others) > 0:
        return "Everyone here hears you."
    hearing = sum(not (p.is_deafened or p.is_connecting) for p in others)
    if not others:
        return "Your microphone is open."
    if hearing == len(others):
        return "Everyone here can hear you."
    return f"{hearing} of {len(others)} can hear you." if hearing else "Nobody here listens now."


def troubles(snapshot: Snapshot, countdown: str) -> list[str]:
    """What is wrong and stays so, one line each, worst first."""
    mic = snapshot.microphone
    lines = []
    if snapshot.phase is CallPhase.RECONNECTING:
        cause = snapshot.trouble or "The connection was lost"
        lines.append(f"{full_stop(cause)} {countdown}".strip())
    if snapshot.phase is CallPhase.ESTABLISHED:
        if mic.is_failing:
            lines.append(unconfirmed(snapshot))
        cause = full_stop(mic.cause)
        if mic.is_starting:
            pass  # nothing is known of the sound yet
        elif mic.backend == "null":
            lines.append(f"No sound here: you neither hear nor send. {cause}".strip())
        elif mic.state is MicState.ABSENT:
            lines.append(f"No microphone, listening only. {cause}".strip())
        elif cause:
            lines.append(cause)
        if (phone := snapshot.devices.phone_like) is not None and mic.backend != "null":
            lines.append(f"{phone_words(phone)}: another microphone may sound better (s).")
        if word := QUALITY_WORDS[snapshot.quality]:
            lines.append(f"{word.capitalize()}: others may hear you badly.")
    return lines
