"""The push-to-talk bar: hold the mouse on it; beside it, what keys can do on this terminal."""

from typing import ClassVar

from textual.strip import Strip

from woxly_tui.call.snapshot import MicState, PttMode, Snapshot
from woxly_tui.tui.bridge import CallView
from woxly_tui.tui.ptt import PttLooks, Rung
from woxly_tui.tui.widgets.line_view import LineView, spread


class TalkBar(LineView):
    """A full line, three where there is room. The app takes the mouse's presses and releases:
    a release counts wherever it comes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"talkbar--{name}" for name in ("idle", "open", "muted", "off", "rung")
    }
    DEFAULT_CSS = """
    TalkBar { height: 1; background: $surface; }
    TalkBar.-tall { height: 3; }
    TalkBar .talkbar--idle { background: $surface; color: $foreground; }
    TalkBar .talkbar--open { background: $success; color: $background; text-style: bold; }
    TalkBar .talkbar--muted { background: $warning; color: $background; text-style: bold; }
    TalkBar .talkbar--off { background: $surface; color: $quiet; }
    TalkBar .talkbar--rung { background: $surface; color: $quiet; }
    """

    def __init__(self) -> None:
        super().__init__(id="talk")
        self._snapshot = Snapshot()
        self._looks = PttLooks()

    def show(self, view: CallView) -> None:
        self._snapshot = view.snapshot
        self.redraw()

    def show_ptt(self, looks: PttLooks) -> None:
        """Who holds, and what keys can do."""
        self._looks = looks
        self.redraw()

    def lines(self, width: int, height: int) -> list[Strip]:
        text, kind = bar_text(self._snapshot, self._looks)
        style = self.part(kind)
        rung = f" PTT: {self._looks.rung} "
        bar = max(0, width - len(rung))
        strips = []
        for y in range(height):
            is_middle = y == (height - 1) // 2
            left = [(text.center(bar) if is_middle else "", style)]
            right = [(rung if is_middle else " " * len(rung), self.part("rung"))]
            strips.append(spread(left, right, width, style))
        return strips


def bar_text(snapshot: Snapshot, looks: PttLooks) -> tuple[str, str]:
    """What the bar says, and the name of its style."""
    mic = snapshot.microphone
    is_talk = mic.ptt.mode is PttMode.TALK
    if mic.wanted_deafened:
        return "Deafened: undeafen first to talk", "off"
    if mic.state is MicState.ABSENT:
        return "No microphone to talk with", "off"
    if mic.wanted_muted != is_talk:
        word, what = ("Open", "Mute") if is_talk else ("Muted", "Unmute")
        return f"{word} already. {what} with m to {_what(mic.ptt.mode)}", "off"
    if mic.ptt.is_down:
        return _held(snapshot, looks), "open" if mic.state is MicState.OPEN else "muted"
    verb = "talk" if is_talk else "mute"
    if looks.rung is Rung.TAP:
        return f"Tap F4 or Space, or hold the mouse here, to {verb}", "idle"
    return f"Hold F4, Space, or the mouse here to {verb}", "idle"


def _what(mode: PttMode) -> str:
    return "use push-to-talk" if mode is PttMode.TALK else "use push-to-mute"


def _held(snapshot: Snapshot, looks: PttLooks) -> str:
    is_talk = snapshot.microphone.ptt.mode is PttMode.TALK
    is_open = snapshot.microphone.state is MicState.OPEN
    if is_open != is_talk:
        return "Opening…" if is_talk else "Muting…"
    word = "Open" if is_open else "Muted"
    if snapshot.microphone.ptt.closes_at is None:
        return f"{word} for a moment more"
    if not looks.is_ours:
        return f"{word} while held elsewhere. F4 ends it"
    return f"{word} until you tap again" if looks.is_locked else f"{word} while you hold"
