"""What each account lets its friends see of it, kept from one engine to the next."""

from typing import Final

from woxly_tui._lib.json_file import JsonFile
from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.errors import WoxlyError
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.social.model import Presence

FILE_NAME: Final = "presence.json"


_CHANGE: Final = "choose another status where that is wrong"

_REMINDERS: Final = {
    Presence.AWAY: "Your friends still see you as away",
    Presence.BUSY: "Your friends still see you as busy",
    Presence.DND: "You are still not to be disturbed: rings make no sound",
    Presence.OFFLINE: "Your friends still see you as offline",
}


def reminder(presence: Presence) -> Notice | None:
    """What is told of a status that was chosen in another engine; nothing of being online."""
    text = _REMINDERS.get(presence)
    return None if text is None else Notice(Severity.INFO, text, _CHANGE)


class PresenceStore:
    """Reads and writes one file beside the accounts; see `JsonFile`. Blocks on the disk.

    Args:
        accounts: Where accounts are kept; what is kept of one that was signed out is dropped.
    """

    def __init__(self, accounts: AccountStore) -> None:
        self._accounts = accounts
        self._file = JsonFile(accounts.path.with_name(FILE_NAME))

    def load(self, account: Account) -> Presence:
        """What that account chose last; online where nothing else can be read."""
        return self._all().get(_key(account), Presence.ONLINE)

    def save(self, account: Account, presence: Presence) -> None:
        """Keep what that account chose."""
        chosen = self._all()
        chosen[_key(account)] = presence
        try:
            signed_in = {_key(one) for one in self._accounts.load()}
        except WoxlyError:
            signed_in = set(chosen)
        self._file.save(
            {
                key: one.value
                for key, one in chosen.items()
                if key in signed_in and one is not Presence.ONLINE
            }
        )

    def _all(self) -> dict[str, Presence]:
        found = self._file.load()
        known = {one.value: one for one in Presence}
        if not isinstance(found, dict):
            return {}
        return {
            key: known[value]
            for key, value in found.items()
            if isinstance(value, str) and value in known
        }


def _key(account: Account) -> str:
    return f"{account.origin}#{account.user_id}"
