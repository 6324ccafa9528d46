"""From a command to the engine: find it or start it, and hold it to its word."""

import asyncio
import contextlib
import select
import sys
from typing import TYPE_CHECKING

from woxly_tui.errors import WoxlyError

if TYPE_CHECKING:
    from woxly_tui.cli.call_session import FrontEnd
    from woxly_tui.config.settings import CueSettings
    from woxly_tui.control.client import EngineClient
    from woxly_tui.control.messages import Command, Reply
    from woxly_tui.control.socket_client import SocketEngineClient


async def open_engine(
    front_end: "FrontEnd", *, levels_hz: float, hangs_up: bool
) -> "SocketEngineClient":
    """A link to this user's engine, which is started where none runs.

    Raises:
        WoxlyError: None can be had, or it speaks another protocol.
    """
    from woxly_tui.control.launcher import LaunchOptions, ensure_engine
    from woxly_tui.control.paths import engine_paths
    from woxly_tui.control.socket_client import SocketEngineClient
    from woxly_tui.errors import NoEngine

    paths = engine_paths()
    options = LaunchOptions(
        front_end.log_level, front_end.stays_online, *cue_options(front_end.cues)
    )
    for is_last in (False, True):
        await asyncio.to_thread(ensure_engine, paths, options)
        try:
            return await SocketEngineClient.connect(
                paths.socket, levels_hz=levels_hz, hangs_up=hangs_up
            )
        except NoEngine:
            if is_last:
                raise
    raise AssertionError("one of the two has returned or raised")


def cue_options(cues: "CueSettings | None") -> tuple[int, int]:
    """How loud cues are played, and above how many people nobody is heard coming or going."""
    from woxly_tui.config.settings import CueSettings

    cues = cues or CueSettings()
    return (cues.percent if cues.on else 0), cues.quiet_above


async def tell_cues(client: "EngineClient", cues: "CueSettings | None") -> None:
    """An engine that runs already may have been started with other settings."""
    from woxly_tui.control.messages import SetCues

    if cues is not None:
        await client.send(SetCues(cues.on, cues.percent, cues.quiet_above))


async def demand(client: "EngineClient", command: "Command") -> "Reply":
    """Have a command carried out.

    Raises:
        WoxlyError: The engine refuses, in its own words.
    """
    reply = await client.send(command)
    if not reply.ok:
        raise WoxlyError(reply.error, reply.remedy)
    return reply


async def revive(front_end: "FrontEnd") -> "EngineClient":
    """Another engine in place of one that is gone, back in the call it died in.

    Raises:
        WoxlyError: None can be had, or there is no call to return to.
    """
    from woxly_tui.call.snapshot import CallPhase
    from woxly_tui.control.messages import GetSnapshot, Rejoin
    from woxly_tui.control.socket_client import LEVELS_HZ

    client = await open_engine(front_end, levels_hz=LEVELS_HZ, hangs_up=front_end.hangs_up)
    try:
        snapshot = (await client.send(GetSnapshot())).snapshot
        if snapshot.phase in (CallPhase.IDLE, CallPhase.ENDED):
            await demand(client, Rejoin())
    except BaseException:
        await client.aclose()
        raise
    return client


async def detach(client: "EngineClient") -> None:
    """Part from a call that goes on, and say how to come back; nothing where it has just ended."""
    from woxly_tui.call.snapshot import CallPhase
    from woxly_tui.control.messages import GetSnapshot
    from woxly_tui.control.socket_client import SocketEngineClient
    from woxly_tui.tui.text import plain

    room = ""
    if isinstance(client, SocketEngineClient):
        with contextlib.suppress(WoxlyError):
            await client.detach()
            snapshot = (await client.send(GetSnapshot())).snapshot
            if snapshot.phase in (CallPhase.IDLE, CallPhase.ENDED):
                return
            room = snapshot.room
    where = f" in {plain(room)}" if room else ""
    line = f"woxly: the call{where} goes on; `woxly` comes back to it, `woxly leave` hangs up\n"
    with contextlib.suppress(OSError, ValueError):
        # A terminal that is stuck or gone holds up nobody.
        if select.select([], [sys.stderr], [], 0)[1]:
            sys.stderr.write(line)
