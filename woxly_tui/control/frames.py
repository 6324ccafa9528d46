"""What goes over the socket between a front end and an engine: one JSON object a line.

    front end                                    engine
    hello {protocol, version}            ──►
                                         ◄──     welcome {protocol, version, pid}, or refused
    request {id, command: {type, …}}     ──►
                                         ◄──     response {id, reply: {type: "reply", …}}
    attach {levels_hz, hangs_up, …}      ──►
                                         ◄──     changed {update: {type, …}}, again and again;
                                         ◄──     if compact, snapshot_changed {fields} and
                                         ◄──     levels_changed {speaking, quiet} as well
    detach                               ──►

A front end may send on without waiting for an answer. What cannot be read is answered by
`refused`, and that connection is closed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui.call.snapshot import GateLevel, Levels, ParticipantLevel
from woxly_tui.control.protocol import MAX_LINE_BYTES as MAX_LINE_BYTES
from woxly_tui.control.protocol import PROTOCOL as PROTOCOL
from woxly_tui.errors import EngineLost, ProtocolError
from woxly_tui.types import Dbfs, Identity


@dataclass(frozen=True, slots=True)
class Hello:
    """The first line of a front end."""

    protocol: int
    version: str
    """Of woxly, for people."""


@dataclass(frozen=True, slots=True)
class Request:
    """A command; the answer carries the same id."""

    id: int
    command: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attach:
    """Send updates from now on, beginning with the present state and the chat so far.

    Sent again, it changes what was asked for and nothing else.
    """

    levels_hz: float = 0.0
    """How often levels are wanted; 0 for never."""
    hangs_up: bool = False
    """Leave the call when this connection ends without `detach`, unless others like it are
    attached."""
    is_compact: bool = False
    """After the first snapshot, send `snapshot_changed` and `levels_changed` in place of whole
    ones: for links that count bytes."""


@dataclass(frozen=True, slots=True)
class Detach:
    """Send no more updates; the call goes on."""


@dataclass(frozen=True, slots=True)
class Welcome:
    """The engine's first line."""

    protocol: int
    version: str
    pid: int
    lost_room: str = ""
    """The room of a call that an engine before this one died in; `rejoin` returns to it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The engine's last line on this connection."""

    message: str
    remedy: str = ""
    protocol: int = PROTOCOL
    """Of the engine."""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to the request of that id."""

    id: int
    reply: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed; see `messages.UPDATES`."""

    update: dict[str, Any]


@dataclass(frozen=True, slots=True)
class SnapshotChanged:
    """The fields of the snapshot that differ from the one sent before, `rev` among them."""

    fields: dict[str, Any]


@dataclass(frozen=True, slots=True)
class LevelsChanged:
    """Levels that changed, in whole dBFS by identity."""

    speaking: Mapping[Identity, int] = field(default_factory=dict)
    quiet: Mapping[Identity, int] = field(default_factory=dict)
    gate: GateLevel | None = None


FrontEndFrame: TypeAlias = Hello | Request | Attach | Detach
EngineFrame: TypeAlias = Welcome | Refused | Response | Changed | SnapshotChanged | LevelsChanged

FRONT_END_FRAMES: Final[LineCodec[FrontEndFrame]] = LineCodec(FrontEndFrame.__args__)
ENGINE_FRAMES: Final[LineCodec[EngineFrame]] = LineCodec(EngineFrame.__args__)


def snapshot_frame(whole: dict[str, Any], sent: Mapping[str, Any]) -> Changed | SnapshotChanged:
    """A snapshot as short as it can be sent.

    Args:
        whole: It, as JSON values.
        sent: The one sent before; empty where there is none.
    """
    if not sent:
        return Changed(whole)
    return SnapshotChanged({key: value for key, value in whole.items() if sent[key] != value})


def levels_frame(levels: Levels) -> LevelsChanged:
    """Levels as short as they can be sent."""
    frame: dict[bool, dict[Identity, int]] = {True: {}, False: {}}
    for level in levels.levels:
        frame[level.is_speaking][level.identity] = round(level.level_dbfs)
    return LevelsChanged(frame[True], frame[False], levels.gate)


def levels_of(frame: LevelsChanged) -> Levels:
    """And back."""
    return Levels(
        tuple(
            ParticipantLevel(identity, Dbfs(float(dbfs)), is_speaking)
            for group, is_speaking in ((frame.speaking, True), (frame.quiet, False))
            for identity, dbfs in group.items()
        ),
        frame.gate,
    )


def read_hello(line: bytes) -> Hello:
    """The first line of a front end of any version: what a later one adds is passed over.

    Raises:
        ProtocolError: It is no greeting.
    """
    protocol, version, _ = _greeting(line, "hello")
    return Hello(protocol, version)


def read_welcome(line: bytes, version: str) -> Welcome:
    """The first line of an engine of any version.

    Args:
        line: As it came.
        version: Ours, for the words.

    Raises:
        ProtocolError: It is no greeting, or of an engine that we do not understand.
        EngineLost: The engine wants nothing of us.
    """
    if b'"refused"' in line[:64]:
        refused = ENGINE_FRAMES.decode(line)
        if isinstance(refused, Refused):
            raise EngineLost(refused.message, refused.remedy)
    protocol, theirs, raw = _greeting(line, "welcome")
    pid = raw.get("pid")
    if protocol != PROTOCOL:
        raise ProtocolError(*mismatch(engine=theirs, front_end=version, pid=pid))
    welcome = ENGINE_FRAMES.decode(line)
    if not isinstance(welcome, Welcome):
        raise ProtocolError("what listens there is no engine of woxly")
    return welcome


def mismatch(*, engine: str, front_end: str, pid: object) -> tuple[str, str]:
    """What to say where engine and front end do not understand each other, and the remedy."""
    return (
        f"the engine that runs is of woxly {engine}, and this is woxly {front_end}: "
        "they do not understand each other",
        f"end the engine with `kill {pid}`, which leaves its call; "
        "the next command starts a new one",
    )


def _greeting(line: bytes, kind: str) -> tuple[int, str, dict[str, Any]]:
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict) or raw.get("type") != kind:
        raise ProtocolError(f"the first line must be `{kind}`")
    protocol = raw.get("protocol")
    if type(protocol) is not int:
        raise ProtocolError(f"{kind}.protocol must be int")
    version = "".join(c for c in str(raw.get("version", "?"))[:32] if c.isprintable())
    return protocol, version, raw
