"""Which account goes online, and how its calls are joined. Blocks: not for the event loop."""

from dataclasses import dataclass

from woxly_tui.call.snapshot import Notice, PttMode
from woxly_tui.config import load_config
from woxly_tui.control.lobby import CallStyle, GoOnline
from woxly_tui.engine.presence_store import PresenceStore, reminder
from woxly_tui.errors import ConfigError
from woxly_tui.lobby.accounts import Account, AccountStore, signed_in
from woxly_tui.social.model import Presence


@dataclass(frozen=True, slots=True)
class Opened:
    """An account that goes online."""

    account: Account
    store: AccountStore
    style: CallStyle
    """How its calls are joined."""
    chosen: PresenceStore
    """Where it is kept what friends see of it."""
    presence: Presence
    """What they saw last."""
    reminder: Notice | None
    """What is to be told of that."""


def open_account(command: GoOnline) -> Opened:
    """All that going online needs; loads what talks to the server, too.

    Raises:
        WoxlyError: As of `find_account`.
    """
    import woxly_tui.engine.lobby_acts  # noqa: F401 - loaded here, where nobody waits

    account, store = find_account(command.account)
    chosen = PresenceStore(store)
    presence = chosen.load(account)
    style = command.style or style_of()
    return Opened(account, store, style, chosen, presence, reminder(presence))


def find_account(name: str) -> tuple[Account, AccountStore]:
    """The account of that name, or the one last used.

    Raises:
        SignInNeeded: There is none.
        WoxlyError: What is kept cannot be read.
    """
    store = AccountStore.own()
    return signed_in(store, name), store


def all_accounts() -> list[Account]:
    """Those that are signed in, the one in use first.

    Raises:
        WoxlyError: What is kept cannot be read.
    """
    return AccountStore.own().load()


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
