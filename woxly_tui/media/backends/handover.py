"""From one backend to another, in the order in which nobody hears a click, and the shortest gap."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeAlias

from woxly_tui.media.backends.base import AudioBackend
from woxly_tui.media.messages import BackendChoice

Take: TypeAlias = Callable[[Coroutine[Any, Any, None], str], Awaitable[None]]
"""Waits for a step with that name, but not for ever."""


def disturbs(choice: BackendChoice) -> bool:
    """Whether a backend that opens makes what another one plays stumble, so that that one is
    hushed before: the library's own playout takes over the clock of all that is decoded.
    """
    return choice is BackendChoice.NATIVE


async def hand_over(
    old: AudioBackend,
    fresh: AudioBackend,
    attach: Callable[[AudioBackend], None],
    move: Callable[[AudioBackend], Awaitable[None]],
    take: Take,
) -> None:
    """Have `fresh` heard in place of `old`, which is closed.

    Args:
        old: Hushed, where `fresh` disturbs it.
        fresh: Open.
        attach: Gives a backend all there is to play, as loud as is wanted now.
        move: Moves the microphone.
        take: Takes one step.
    """
    if disturbs(fresh.choice):
        attach(fresh)
        await take(fresh.begin(), "hear audio")
        await move(fresh)
        await take(old.aclose(), "close audio")
    else:
        await move(fresh)
        await take(old.hush(), "hush audio")
        await take(old.aclose(), "close audio")
        await take(fresh.begin(), "hear audio")
