"""`woxly serve` with waits short enough for a test; all else is as everybody runs it."""

from typing import Final

import woxly_tui.server.cluster.presence
import woxly_tui.server.realtime.ringer
import woxly_tui.wire.words
from woxly_tui.cli.main import script

RING_S: Final = 3.0
GONE_S: Final = 0.5
LEASE_S: Final = 2.0


def shorten() -> None:
    """Before the server is loaded, which copies these into its defaults."""
    setattr(woxly_tui.server.realtime.ringer, "GONE_AFTER_S", GONE_S)  # noqa: B010 - they are Final
    setattr(woxly_tui.wire.words, "RING_TIMEOUT_S", RING_S)  # noqa: B010
    setattr(woxly_tui.server.cluster.presence, "LEASE_S", LEASE_S)  # noqa: B010


if __name__ == "__main__":
    shorten()
    script()
