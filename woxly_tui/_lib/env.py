"""What of our environment a child process gets."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_SECRET_PREFIX: Final = "LIVEKIT_"
"""Where users keep key, secret and token, and what livekit-server reads by itself."""

_SOUND_PREFIXES: Final = ("ALSA_", "JACK_", "PIPEWIRE_", "PULSE_")
_SOUND_NAMES: Final = frozenset({"XDG_RUNTIME_DIR"})
"""What decides which sound server, and which device of it, a process finds."""


def sound_env(environ: Mapping[str, str]) -> dict[str, str]:
    """What of an environment decides where sound comes from and goes to."""
    return {
        key: value
        for key, value in environ.items()
        if key.startswith(_SOUND_PREFIXES) or key in _SOUND_NAMES
    }


def child_env(**extra: str) -> dict[str, str]:
    """Our environment without the user's LiveKit credentials, and with `extra`.

    A child that needs one of them gets that one: named in `extra`, or on its standard input.
    """
    ours = {key: value for key, value in os.environ.items() if not key.startswith(_SECRET_PREFIX)}
    return ours | extra


PROFILE: Final = "WOXLY_PROFILE"
"""Environment variable: a folder for accounts and what is remembered of people, instead of the
user's own. The demo has one, which is gone with it."""


def profile_folder() -> Path | None:
    """That folder; None for the user's own places."""
    named = os.environ.get(PROFILE, "")
    return Path(named) if named else None
