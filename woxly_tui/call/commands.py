"""What the call machine asks the engine to do, in order."""

from dataclasses import dataclass
from typing import TypeAlias

from woxly_tui.call.snapshot import Ending, Notice


@dataclass(frozen=True, slots=True)
class StartWorker:
    """Spawn a media worker; answered by WorkerReady or WorkerLost."""


@dataclass(frozen=True, slots=True)
class StopWorker:
    """Stop the media worker, politely then by force. Not answered."""


@dataclass(frozen=True, slots=True)
class Join:
    """Fetch credentials and connect; the microphone stays muted until asked otherwise."""

    session: int
    is_deafened: bool
    is_silent: bool = False
    """Use no sound device: the one there is has failed too often."""


@dataclass(frozen=True, slots=True)
class AskMicrophone:
    session: int
    request: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class AskDeafen:
    session: int
    request: int
    on: bool


@dataclass(frozen=True, slots=True)
class Say:
    """Show a notice to the user."""

    notice: Notice


@dataclass(frozen=True, slots=True)
class Finish:
    """The call is over."""

    ending: Ending


CallCommand: TypeAlias = StartWorker | StopWorker | Join | AskMicrophone | AskDeafen | Say | Finish
