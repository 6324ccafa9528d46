"""What both ends of the socket must agree on, apart from the frames themselves."""

from typing import Final

PROTOCOL: Final = 1
"""Raised with every change that an older front end or engine would misread."""

MAX_LINE_BYTES: Final = 65536
"""Longest line an engine reads."""

MAX_ENGINE_LINE_BYTES: Final = 1 << 22
"""Longest line of an engine: the snapshot of a room of thousands."""
