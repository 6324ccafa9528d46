"""What goes over the socket between a front end and an engine: one JSON object a line.

    front end                                    engine
    hello {protocol, version}            ──►
                                         ◄──     welcome {protocol, version, pid}, or refused
    request {id, command: {type, …}}     ──►
                                         ◄──     response {id, reply: {type: "reply", …}}
    attach {levels_hz, hangs_up}         ──►
                                         ◄──     changed {update: {type, …}}, again and again
    detach                               ──►

A front end may send on without waiting for an answer. What cannot be read is answered by
`refused`, and that connection is closed.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from woxly_tui._lib.codec import LineCodec
from woxly_tui.control.protocol import MAX_LINE_BYTES as MAX_LINE_BYTES
from woxly_tui.control.protocol import PROTOCOL as PROTOCOL


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
    """Send updates from now on, beginning with the present state and the chat so far."""

    levels_hz: float = 0.0
    """How often levels are wanted; 0 for never."""
    hangs_up: bool = False
    """Leave the call when this connection ends without `detach`, unless others like it are
    attached."""


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


FrontEndFrame: TypeAlias = Hello | Request | Attach | Detach
EngineFrame: TypeAlias = Welcome | Refused | Response | Changed

FRONT_END_FRAMES: Final[LineCodec[FrontEndFrame]] = LineCodec(FrontEndFrame.__args__)
ENGINE_FRAMES: Final[LineCodec[EngineFrame]] = LineCodec(EngineFrame.__args__)
