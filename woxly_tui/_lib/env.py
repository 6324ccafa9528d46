"""What of our environment a child process gets."""

import os
from typing import Final

_SECRET_PREFIX: Final = "LIVEKIT_"
"""Where users keep key, secret and token, and what livekit-server reads by itself."""


def child_env(**extra: str) -> dict[str, str]:
    """Our environment without the user's LiveKit credentials, and with `extra`.

    A child that needs one of them gets that one: named in `extra`, or on its standard input.
    """
    ours = {key: value for key, value in os.environ.items() if not key.startswith(_SECRET_PREFIX)}
    return ours | extra
