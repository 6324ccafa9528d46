"""The half of the app that push-to-talk needs: presses and releases, before anything else."""

import asyncio
from typing import Final

from textual import events, on
from textual.app import App
from textual.errors import NoWidget

from woxly_tui.call.snapshot import CallPhase, Ending, Snapshot
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.driver import CallDriver, ReleasesKnown, SuspendAsked, TerminalLost
from woxly_tui.tui.keys import KeyReleased, KeyRepeated
from woxly_tui.tui.ptt import MOUSE, PTT_KEYS, PttControl
from woxly_tui.tui.screens.call import CallScreen
from woxly_tui.tui.widgets.talk_bar import TalkBar

SUSPEND_PATIENCE_S: Final = 0.5
"""How long a suspension waits for the engine to have heard that the key is up."""


_NO_CALL: Final = (CallPhase.IDLE, CallPhase.ENDED)


class PttApp(App[Ending | None], inherit_bindings=False):
    """Takes the push-to-talk keys ahead of bindings and focus, since releases count too.

    A mouse button that goes up anywhere lets go, and so does a window that loses the focus.
    """

    bridge: Bridge
    ptt: PttControl
    call_screen: CallScreen

    def pass_on(self, sequence: str) -> None:
        """Send what is for the terminal itself, and draws nothing."""
        if isinstance(driver := self._driver, CallDriver):
            driver.pass_on(sequence)

    def bell(self) -> None:
        """Ring the terminal's bell, past the cells that are drawn."""
        self.pass_on("\a")

    def see_ptt(self, snapshot: Snapshot) -> None:
        """The engine's state has changed."""
        self.ptt.see(snapshot)
        self._show_ptt()

    def _show_ptt(self) -> None:
        self.call_screen.show_ptt(self.ptt.looks)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent) and not event.is_forwarded:
            if isinstance(event, events.Key) and self._is_for_ptt(event.key):
                self.ptt.press(event.key)
                self._show_ptt()
                return
            if isinstance(event, events.MouseDown) and self._is_on_bar(event):
                self.ptt.press(MOUSE)
            elif isinstance(event, events.MouseUp):
                self.ptt.release(MOUSE)
        elif isinstance(event, events.AppBlur):
            self.ptt.interrupt()
        if isinstance(event, events.MouseDown | events.MouseUp | events.AppBlur):
            self._show_ptt()
        await super().on_event(event)

    def _is_for_ptt(self, key: str) -> bool:
        if key not in PTT_KEYS or self.bridge.view.snapshot.phase in _NO_CALL:
            return False
        if key != "space":
            return True
        taker = self.focused
        takes_text = taker is not None and taker.check_consume_key("space", " ")
        return self.screen is self.call_screen and not takes_text

    def _is_on_bar(self, event: events.MouseDown) -> bool:
        try:
            widget, _ = self.get_widget_at(event.x, event.y)
        except NoWidget:
            return False
        return event.button == 1 and isinstance(widget, TalkBar)

    def action_talk(self) -> None:
        """From the palette: open, or close."""
        self.ptt.toggle()
        self._show_ptt()

    @on(KeyReleased)
    def _on_key_released(self, event: KeyReleased) -> None:
        self.ptt.release(event.key)
        self._show_ptt()

    @on(KeyRepeated)
    def _on_key_repeated(self) -> None:
        self.ptt.note_repeat()

    @on(ReleasesKnown)
    def _on_releases_known(self, event: ReleasesKnown) -> None:
        self.ptt.set_releases(has_releases=event.has_releases)
        self._show_ptt()

    @on(TerminalLost)
    def _on_ptt_lost(self) -> None:
        self.ptt.interrupt()

    @on(SuspendAsked)
    async def _on_suspend_asked(self) -> None:
        """Let go first: a process that is stopped hears of no release."""
        self.ptt.interrupt()
        try:
            await asyncio.wait_for(self.bridge.answered(), SUSPEND_PATIENCE_S)
        except TimeoutError:
            self.log.warning("suspended before the engine answered")
        if isinstance(driver := self._driver, CallDriver):
            driver.suspend_now()
