"""What the lobby says, as plain words: presences, times, and what came of a ring or a call."""

import time
from collections.abc import Callable
from typing import Final

from woxly_tui.call.ringing.view import Outcome, RingEnding, RingPhase, RingView
from woxly_tui.control.lobby import LinkState, LobbyState
from woxly_tui.social.model import PastCall, Presence
from woxly_tui.tui.text import elapsed, plain, steady
from woxly_tui.tui.words import full_stop
from woxly_tui.types import RoomKind, Seconds, UserId

_DAY_S: Final = 86_400
_WEEK_DAYS: Final = 6

PRESENCE_GLYPHS: Final = {
    Presence.ONLINE: "●",
    Presence.AWAY: "◌",
    Presence.BUSY: "×",
    Presence.DND: "×",
    Presence.OFFLINE: "○",
}

PRESENCE_WORDS: Final = {
    Presence.ONLINE: "online",
    Presence.AWAY: "away",
    Presence.BUSY: "busy",
    Presence.DND: "do not disturb",
    Presence.OFFLINE: "offline",
}

KIND_WORDS: Final = {RoomKind.DM: "DM", RoomKind.GROUP: "GROUP", RoomKind.VOICE: "VOICE"}

_UNITS: Final = ("bytes", "kB", "MB", "GB", "TB")

_OUT: Final = {
    Outcome.DECLINED: "{who} declined",
    Outcome.BUSY: "{who} is busy in another call",
    Outcome.TIMEOUT: "{who} did not answer",
    Outcome.OFFLINE: "{who} is offline",
    Outcome.CANCELLED: "You cancelled the call to {who}",
    Outcome.FAILED: "The call to {who} failed",
}
_IN: Final = {
    Outcome.DECLINED: "You rejected the call of {who}",
    Outcome.ANSWERED_ELSEWHERE: "You answered {who} on another device",
    Outcome.REJECTED_ELSEWHERE: "You rejected {who} on another device",
}
_TALK: Final = {
    Outcome.HUNG_UP: "you hung up",
    Outcome.PEER_LEFT: "{who} hung up",
    Outcome.NOBODY_CAME: "nobody came",
    Outcome.WEB_ONLY: "{who} uses the web page, which woxly cannot hear",
    Outcome.JOINED_ELSEWHERE: "you joined it on another device",
    Outcome.CALLER_GONE: "{who} is gone",
    Outcome.FAILED: "it failed",
}
_RUNG_THEM: Final = {
    Outcome.DECLINED.value: "declined",
    Outcome.BUSY.value: "busy",
    Outcome.OFFLINE.value: "offline",
    Outcome.CANCELLED.value: "cancelled",
    Outcome.FAILED.value: "failed",
}
"""What came of a ring of ours that was no call, as the list of calls has it."""

_RUNG_US: Final = {
    Outcome.DECLINED.value: "you declined",
    Outcome.ANSWERED_ELSEWHERE.value: "answered on another device",
    Outcome.REJECTED_ELSEWHERE.value: "declined on another device",
}


def shown(text: str) -> str:
    """Text from other people as one harmless line."""
    return steady(plain(text))


def rung_word(outcome: Outcome | None) -> str:
    """How the ring of one of several stands."""
    match outcome:
        case None:
            return "ringing…"
        case Outcome.TIMEOUT:
            return "no answer"
        case Outcome.ANSWERED:
            return "answered"
        case _:
            return str(outcome.value).replace("-", " ")


def is_missed(ending: RingEnding) -> bool:
    """Whether somebody rang us, and nobody here or elsewhere did anything about it."""
    return ending.is_incoming and ending.seconds is None and ending.outcome not in _IN


def ending_words(ending: RingEnding, who: str) -> str:
    """Why a ring or a call is over, and how long it was.

    Args:
        ending: What the engine tells.
        who: Name of the other one, or of the room; already harmless.
    """
    if ending.seconds is None:
        return _ring_words(ending, who)
    why = _TALK.get(ending.outcome, "").format(who=who)
    lasted = f"The call with {who} ended after {elapsed(ending.seconds)}"
    said = ": ".join(part for part in (lasted, why, plain(ending.detail)) if part)
    return f"{said}."


def _ring_words(ending: RingEnding, who: str) -> str:
    if is_missed(ending):
        return f"Missed call from {who}."
    words = (_IN if ending.is_incoming else _OUT).get(ending.outcome)
    if words is None:
        why = _TALK.get(ending.outcome, "it ended").format(who=who)
        words = f"The call with {{who}} is over: {why}"
    said = words.format(who=who)
    detail = plain(ending.detail)
    return f"{said}: {detail}." if detail else f"{said}."


def call_words(call: PastCall) -> str:
    """What a past call was."""
    if call.is_missed:
        return "missed"
    if call.seconds is None:
        return (_RUNG_US if call.is_incoming else _RUNG_THEM).get(call.outcome, "not answered")
    return f"{'incoming' if call.is_incoming else 'outgoing'}, {elapsed(call.seconds)}"


def when(at: Seconds, now: Seconds) -> str:
    """An instant in few cells: the time today, then the day, then the date."""
    then, today = time.localtime(at), time.localtime(now)
    days = (_midnight(now) - _midnight(at)) // _DAY_S
    if days <= 0:
        return time.strftime("%H:%M", then)
    if days <= _WEEK_DAYS:
        return time.strftime("%a", then)
    return time.strftime("%d %b" if then.tm_year == today.tm_year else "%Y", then)


def _midnight(at: float) -> int:
    then = time.localtime(at)
    return int(at) - then.tm_hour * 3600 - then.tm_min * 60 - then.tm_sec + 43_200


def age(at: Seconds, now: Seconds) -> str:
    """How long ago, in one unit."""
    minutes = max(0, int(now - at)) // 60
    for name, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if count := minutes // size:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def size_words(size: int) -> str:
    """A size in bytes, in three figures."""
    value, unit = float(max(0, size)), 0
    while value >= 999.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1000, unit + 1
    figures = f"{value:.1f}" if unit and value < 9.95 else f"{value:.0f}"
    return f"{figures} {_UNITS[unit]}"


def link_words(state: LobbyState, now: Seconds) -> str:
    """What is wrong with the link to the server, how old the lists are, and the remedy."""
    detail = plain(full_stop(state.detail))
    match state.link:
        case LinkState.ONLINE:
            return detail
        case LinkState.SIGNED_OUT if not state.account:
            return (
                detail or "No account here yet. `woxly login https://HOST` signs in, or makes one."
            )
        case LinkState.SIGNED_OUT:
            host = shown(state.account)
            first = f"Your sign-in is over ({host}). `woxly login` renews it."
            return f"{first} {_age_words(state, now)}".strip()
        case LinkState.CONNECTING:
            first = detail or "Connecting…"
        case _:
            first = f"Offline. {detail}".strip()
    again = ""
    if state.retry_at is not None:
        again = f"Next try at {time.strftime('%H:%M:%S', time.localtime(state.retry_at))}."
    return " ".join(part for part in (first, again, _age_words(state, now)) if part)


def _age_words(state: LobbyState, now: Seconds) -> str:
    return f"Shown as it was {age(state.as_of, now)}." if state.as_of is not None else ""


def call_notes(rings: RingView, name_of: Callable[[UserId], str]) -> list[tuple[str, bool]]:
    """What is to be known of a call that came of a ring; True with warnings."""
    notes: list[tuple[str, bool]] = []
    if rings.phase is not RingPhase.TALKING:
        return notes
    rung = [f"{name_of(one.user)} {rung_word(one.outcome)}" for one in rings.ringing]
    if rung:
        notes.append(
            (", ".join(rung[:6]) + (f" and {len(rung) - 6} more" if rung[6:] else ""), False)
        )
    if rings.is_web_only:
        who = name_of(rings.peer) if rings.peer is not None else "The other side"
        notes.append(
            (
                f"{who} uses the web page, which connects peer to peer only: you cannot hear "
                "each other. Write in the chat (c), or ask them to use woxly.",
                True,
            )
        )
    return notes
