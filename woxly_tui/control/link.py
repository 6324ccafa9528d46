"""Which engine a front end means, and the way to it: on this machine, or at the far end of ssh."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from woxly_tui._lib import forwarded
from woxly_tui.control.direct import DirectLink
from woxly_tui.control.paths import engine_paths
from woxly_tui.errors import EngineLost, NoEngine

if TYPE_CHECKING:
    from woxly_tui.control.client import EngineClient
    from woxly_tui.control.socket_client import SocketEngineClient

FORWARDED_LEVELS_HZ: Final = 4.0
"""How often levels are asked for over ssh: a third of the bytes, and meters still move."""

_SEE: Final = "`woxly doctor ssh` says what is wrong and what to type"

_PRIVATE: Final = (
    "it must be a socket of yours in a folder only you can write to, as ~/.woxly; "
    "`woxly doctor ssh` prints the line that puts it there"
)


@dataclass(frozen=True, slots=True)
class Link:
    """The way to an engine. One that is forwarded may break while its call goes on."""

    socket: Path
    is_forwarded: bool = False

    async def connect(self, *, hangs_up: bool = False) -> "SocketEngineClient":
        """Connect.

        Args:
            hangs_up: Leave the call with this front end; never so over a link that may break.

        Raises:
            NoEngine: Nobody answers there.
            EngineLost, ProtocolError: As of SocketEngineClient.
        """
        from woxly_tui.control.socket_client import SocketEngineClient

        if not self.is_forwarded:
            return await SocketEngineClient.connect(self.socket, hangs_up=hangs_up)
        try:
            return await SocketEngineClient.connect(self.socket, levels_hz=FORWARDED_LEVELS_HZ)
        except NoEngine as error:
            raise _unanswered(self.socket) from error

    async def again(self) -> "EngineClient":
        """Connect after the link was lost."""
        return await self.connect()


def find_engine(socket: Path | None = None, name: str = "") -> Link:
    """The engine that is meant; blocks for the answer of a forwarded one.

    Args:
        socket: Where it listens, if the user says so.
        name: Of an engine on this machine, if the user says so.

    Raises:
        NoEngine: None runs, or it is in no call.
        EngineLost: What listens there must not be trusted.
    """
    paths = engine_paths(name)
    if socket is not None:
        link = Link(socket.absolute(), is_forwarded=socket.absolute() != paths.socket)
    elif not name and forwarded.forwarded_socket(forwarded.ENGINE):
        link = Link(forwarded.forwarded_path(forwarded.ENGINE), is_forwarded=True)
        if not _answers(link.socket) and _answers(paths.socket):
            link = Link(paths.socket)
    else:
        link = Link(paths.socket)
    _demand_call(link)
    return link


def _answers(path: Path) -> bool:
    try:
        DirectLink(path).close()
    except (NoEngine, EngineLost):
        return False
    return True


def _demand_call(link: Link) -> None:
    if link.is_forwarded and link.socket.exists() and (reason := forwarded.distrust(link.socket)):
        raise EngineLost(reason, _PRIVATE)
    try:
        with DirectLink(link.socket) as engine:
            phase = engine.ask({"type": "get_snapshot"})["snapshot"]["phase"]
    except NoEngine as error:
        if link.is_forwarded:
            raise _unanswered(link.socket) from error
        is_far = forwarded.is_over_ssh()
        raise NoEngine(error.message, _SEE if is_far else error.remedy) from error
    if phase in ("idle", "ended"):
        where = "on the machine where you sit" if link.is_forwarded else "here"
        raise NoEngine("no call", f"`woxly join ROOM` {where} joins one")


def _unanswered(socket: Path) -> NoEngine:
    if not socket.exists():
        return NoEngine(f"{socket} is not there", _SEE)
    return NoEngine(
        f"nobody answers at {socket}: the ssh link is gone, or no engine runs at its other end",
        _SEE,
    )
