"""Being another one of our accounts: which there are, and which is chosen."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from woxly_tui.call.ringing.view import RingPhase
from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.control.lobby import ListAccounts, UseAccount
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import shown
from woxly_tui.tui.screens.ask import Choice, MenuScreen

if TYPE_CHECKING:
    from woxly_tui.tui.lobby_app import LobbyApp

MAX_ACCOUNTS: Final = 9
"""Accounts to choose from: each has a digit."""


class AccountDesk:
    """Use from the app's event loop.

    Args:
        app: Where questions are asked.
        data: What is known.
        on_chosen: Told which account is used from now on.
    """

    def __init__(self, app: "LobbyApp", data: LobbyData, on_chosen: Callable[[str], None]) -> None:
        self._app = app
        self._data = data
        self._on_chosen = on_chosen
        self._is_awaited = False

    def ask(self) -> None:
        """Ask the engine which accounts there are."""
        if not self._is_tied():
            self._is_awaited = True
            self._app.bridge.send(ListAccounts())

    def offer(self, accounts: tuple[str, ...]) -> None:
        """Ask which one to be, where that was wanted here."""
        if not self._is_awaited:
            return
        self._is_awaited = False
        if len(accounts) < 2:
            self._say("There is no other account here", "`woxly login https://HOST` adds one")
            return
        offered = accounts[:MAX_ACCOUNTS]
        title = "Which account?"
        if len(accounts) > len(offered):
            title += f" `woxly account use` has {len(accounts) - len(offered)} more."
        choices = [Choice(str(at), shown(one), one) for at, one in enumerate(offered, 1)]
        self._app.push_screen(MenuScreen(title, choices, accounts[0]), self._answered)

    def _answered(self, account: str | None) -> None:
        if account is None or self._is_tied():
            return

        def done(error: str) -> None:
            if error:
                self._app.notify_user(Notice(Severity.WARNING, error))
            else:
                self._on_chosen(account)

        self._app.bridge.ask(UseAccount(account), done)

    def _is_tied(self) -> bool:
        """Whether a call or a ring holds us to the account, which is said."""
        rings = self._data.state.rings
        if rings.phase is RingPhase.IDLE and not rings.incoming:
            return False
        who = self._data.call_name(rings.peer, rings.room)
        text = f"A call with {who} is on" if rings.phase is RingPhase.TALKING else "It rings"
        self._say(f"{text}, as {shown(self._data.state.account)}", "end that first")
        return True

    def _say(self, text: str, remedy: str) -> None:
        self._app.notify_user(Notice(Severity.INFO, text, remedy))
