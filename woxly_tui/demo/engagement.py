"""What the bots are told, and who they are."""

from dataclasses import dataclass, field
from typing import Final

from woxly_tui._lib.codec import LineCodec
from woxly_tui.types import Identity

ANN: Final = Identity("demo-ann")
BEN: Final = Identity("demo-ben")
ECHO: Final = Identity("demo-echo")

NAMES: Final = {ANN: "Ann", BEN: "Ben", ECHO: "Echo"}


@dataclass(frozen=True, slots=True)
class Engagement:
    """One room on one server, and a token for each bot."""

    url: str
    ann_token: str = field(repr=False)
    ben_token: str = field(repr=False)
    echo_token: str = field(repr=False)


CODEC: Final[LineCodec[Engagement]] = LineCodec((Engagement,))
