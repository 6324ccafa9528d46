"""Which account goes online, and how its calls are joined. Blocks: not for the event loop."""

from woxly_tui.call.snapshot import PttMode
from woxly_tui.config import load_config
from woxly_tui.control.lobby import CallStyle
from woxly_tui.engine.lobby_board import account_label
from woxly_tui.errors import ConfigError, SignInNeeded
from woxly_tui.lobby.accounts import Account, AccountStore, accounts_path


def find_account(name: str) -> tuple[Account, AccountStore]:
    """The account of that name, or the one last used.

    Raises:
        SignInNeeded: There is none.
        WoxlyError: What is kept cannot be read.
    """
    store = AccountStore(accounts_path())
    for account in store.load():
        if name in ("", account.origin, account.host, account_label(account)):
            return account, store
    if name:
        raise SignInNeeded(f"you are not signed in as {name[:80]}", "`woxly login` signs in")
    raise SignInNeeded("you are not signed in", "`woxly login https://HOST` signs in")


def style_of() -> CallStyle:
    """How calls are joined, as the settings say that the engine finds."""
    try:
        config = load_config().config
    except ConfigError:
        return CallStyle()
    return CallStyle(
        backend=config.audio.backend,
        is_muted=config.call.muted,
        ptt_mode=PttMode(config.ptt.mode),
        livekit_url=config.livekit.url,
    )
