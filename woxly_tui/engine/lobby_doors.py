"""The way to what takes long to load: it is loaded here, in a thread, once somebody goes online."""

from typing import TYPE_CHECKING

from woxly_tui.control import lobby as ask

if TYPE_CHECKING:
    from woxly_tui.engine.lobby_accounts import Opened


def find_account(command: ask.GoOnline) -> "Opened":
    """What going online needs.

    Raises:
        WoxlyError: As of `lobby_accounts.find_account`.
    """
    from woxly_tui.engine.lobby_accounts import open_account

    return open_account(command)


def list_accounts() -> ask.AccountsListed:
    """Who can go online.

    Raises:
        WoxlyError: What is kept cannot be read.
    """
    from woxly_tui.engine.lobby_accounts import all_accounts

    return ask.AccountsListed(tuple(one.shown for one in all_accounts()))
