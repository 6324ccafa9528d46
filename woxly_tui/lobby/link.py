"""What is told of the connection to a Woxly server, and of what is sent over it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from woxly_tui.social.model import LinkState
from woxly_tui.types import Seconds

Token: TypeAlias = Callable[[str], Awaitable[str]]
"""A token that is good; given one that was refused, another one."""


@dataclass(frozen=True, slots=True)
class Link:
    """How the connection stands."""

    state: LinkState
    detail: str = ""
    """Why not ONLINE, in words for people."""
    remedy: str = ""
    retry_at: Seconds | None = None
    """Wall clock."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What is known of something sent."""

    is_sent: bool
    """False also where nobody knows."""
    ack: Mapping[str, Any] | None = None
    """What the server said of it; None where it says nothing, as the public one."""
