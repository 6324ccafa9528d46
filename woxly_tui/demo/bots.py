"""The process of the three friends: `python -P -m woxly_tui.demo.bots`.

Reads one JSON line from standard input, an Engagement, and stays until standard input ends
or SIGTERM comes. Tokens travel that way so that `ps` shows none.
"""

import asyncio
import contextlib
import logging
import os
import random
import sys
import time
from typing import Final

import numpy as np

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.demo import echo
from woxly_tui.demo.conversation import Act, Conversation, Hush, Mute, Say
from woxly_tui.demo.engagement import ANN, BEN, CODEC, ECHO, Engagement
from woxly_tui.demo.friend import Friend
from woxly_tui.demo.listener import Listener
from woxly_tui.demo.mouth import Mouth
from woxly_tui.demo.stage_door import read_line, until_sent_home
from woxly_tui.demo.voice import ANN as ANNS_VOICE
from woxly_tui.demo.voice import BEN as BENS_VOICE
from woxly_tui.demo.voice import RATE_HZ, Samples, Voice, utterance
from woxly_tui.errors import ProtocolError
from woxly_tui.types import Seconds

_TICK_S: Final = 0.1
_LEAVE_WITHIN_S: Final = 1.0

_REPLY_TAIL_S: Final = 0.6
"""How long after Echo's last sample a guest without echo cancelling may still hear it."""

_STEP_S: Final = 0.5
"""Utterances come in lengths of so many steps, so that few need to be made."""

_VARIANTS: Final = 2

_log = logging.getLogger(__name__)


class Repertoire:
    """Utterances of one voice: each is made once, in a thread, then said again and again."""

    def __init__(self, voice: Voice, seed: int) -> None:
        self._voice = voice
        self._rng = np.random.default_rng(seed)
        self._made: dict[tuple[int, int], Samples] = {}

    async def pick(self, seconds: float) -> Samples:
        """One of about the given length."""
        key = (round(seconds / _STEP_S), int(self._rng.integers(_VARIANTS)))
        if key not in self._made:
            length = key[0] * _STEP_S
            self._made[key] = await asyncio.to_thread(utterance, self._voice, length, self._rng)
        return self._made[key]


class Troupe:
    """The three friends, and what they do to each other's mouths."""

    def __init__(self, engagement: Engagement) -> None:
        self._tasks = TaskOwner("troupe")
        self._memory = echo.Memory()
        self._listener = Listener(
            frozenset((ANN, BEN, ECHO)),
            echo.RATE_HZ,
            echo.FRAME_MS,
            self._memory.hear,
            self._memory.leave,
        )
        self._mouths = {ANN: Mouth(RATE_HZ), BEN: Mouth(RATE_HZ), ECHO: Mouth(echo.RATE_HZ)}
        self._repertoires = {ANN: Repertoire(ANNS_VOICE, 1), BEN: Repertoire(BENS_VOICE, 2)}
        self._reply_heard_until = 0.0
        url = engagement.url
        self._friends = {
            ANN: Friend(url, engagement.ann_token, self._mouths[ANN]),
            BEN: Friend(url, engagement.ben_token, self._mouths[BEN]),
            ECHO: Friend(
                url,
                engagement.echo_token,
                self._mouths[ECHO],
                before_room=self._listener.attach,
                after_room=self._listener.catch_up,
            ),
        }

    def start(self) -> None:
        """Join, and begin to talk."""
        for friend in self._friends.values():
            friend.start()
        self._tasks.start(self._direct(), name="direct")

    async def aclose(self) -> None:
        """Leave."""
        await self._tasks.aclose()
        await self._listener.aclose()
        await asyncio.gather(*(friend.aclose() for friend in self._friends.values()))

    async def _direct(self) -> None:
        conversation = Conversation((ANN, BEN), random.Random())  # noqa: S311 - small talk
        began = time.monotonic()
        while True:
            now = Seconds(time.monotonic() - began)
            self._reply(now)
            for act in conversation.step(now, is_floor_taken=self._memory.is_busy):
                await self._do(act)
            await asyncio.sleep(_TICK_S)

    def _reply(self, now: float) -> None:
        mouth = self._mouths[ECHO]
        if not mouth.is_silent:
            self._reply_heard_until = now + _REPLY_TAIL_S
        elif now >= self._reply_heard_until and (reply := self._memory.next_reply()) is not None:
            mouth.say(reply)

    async def _do(self, act: Act) -> None:
        match act:
            case Say():
                self._mouths[act.who].say(await self._repertoires[act.who].pick(act.seconds))
            case Hush():
                self._mouths[act.who].hush()
            case Mute():
                self._friends[act.who].set_mute(act.on)


async def perform(engagement: Engagement) -> None:
    """Be in the room until standard input ends or SIGTERM comes."""
    ended = until_sent_home()
    troupe = Troupe(engagement)
    troupe.start()
    await ended.wait()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_LEAVE_WITHIN_S):
            await troupe.aclose()


def main() -> int:
    """Run the friends."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        engagement = CODEC.decode(read_line())
    except ProtocolError as error:
        _log.error("%s", error)
        return 2
    asyncio.run(perform(engagement))
    return 0


if __name__ == "__main__":
    code = main()
    logging.shutdown()
    sys.stderr.flush()
    os._exit(code)  # the SDK's own exit handler may block
