"""A volume as people type it."""

import re

from woxly_tui.call.volumes import LOUDEST
from woxly_tui.errors import UsageError


def parse_percent(text: str) -> int:
    """0 to 200, with or without the sign.

    Raises:
        UsageError: It is not.
    """
    found = re.fullmatch(r"(\d{1,4})\s*%?", text.strip(), re.ASCII)
    if found is None or int(found[1]) > LOUDEST:
        raise UsageError(f"the volume cannot be {text!r}", f"type 0 to {LOUDEST}")
    return int(found[1])
