"""A volume as people type it."""

import re
from typing import Final

from woxly_tui.errors import UsageError

MOST_PERCENT: Final = 200


def parse_percent(text: str) -> int:
    """0 to 200, with or without the sign.

    Raises:
        UsageError: It is not.
    """
    found = re.fullmatch(r"(\d{1,4})\s*%?", text.strip(), re.ASCII)
    if found is None or int(found[1]) > MOST_PERCENT:
        raise UsageError(f"the volume cannot be {text!r}", f"type 0 to {MOST_PERCENT}")
    return int(found[1])
