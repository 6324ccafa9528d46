"""Which account goes online, and how its calls are joined. Blocks: not for the event loop."""

from woxly_tui.call.snapshot import PttMode
from woxly_tui.config import load_config
from woxly_tui.control.lobby import CallStyle
from woxly_tui.errors import ConfigError
from woxly_tui.lobby.accounts import Account, AccountStore, signed_in


def find_account(name: str) -> tuple[Account, AccountStore]:
    """The account of that name, or the one last used.

    Raises:
        SignInNeeded: There is none.
        WoxlyError: What is kept cannot be read.
    """
    store = AccountStore.own()
    return signed_in(store, name), store


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
