"""What runs here, and whether it is what woxly was made with."""

import ctypes.util
import platform
import sys
from collections.abc import Callable
from importlib import metadata
from typing import Final

from woxly_tui import __version__
from woxly_tui.doctor.finding import Finding, Status

_PARTS: Final = ("livekit", "textual", "sounddevice", "numpy")

SDK_PIN: Final = "1.2.1"
"""The LiveKit SDK whose private parts `media/ffi.py` knows; as in pyproject.toml."""


def check_versions(version_of: Callable[[str], str] = metadata.version) -> Finding:
    """woxly, Python, and the libraries a call needs."""
    check, found, missing = "versions", {}, []
    for part in _PARTS:
        try:
            found[part] = version_of(part)
        except metadata.PackageNotFoundError:
            missing.append(part)
    parts = [f"woxly {__version__}", f"Python {platform.python_version()}"]
    parts += [f"{part} {version}" for part, version in found.items()]
    evidence = ", ".join([*parts, f"{platform.system()} {platform.machine()}"])
    if missing:
        return Finding(check, Status.BAD, f"{', '.join(missing)} missing", "install woxly again")
    if found["livekit"] != SDK_PIN:
        remedy = f"woxly is made for livekit {SDK_PIN}: install woxly again in its own environment"
        return Finding(check, Status.POOR, evidence, remedy)
    return Finding(check, Status.OK, evidence)


def check_portaudio(find: Callable[[str], str | None] = ctypes.util.find_library) -> list[Finding]:
    """Linux needs the system's own; elsewhere it comes with sounddevice."""
    if not sys.platform.startswith("linux") or find("portaudio"):
        return []
    evidence = "the PortAudio library is missing: no volumes, and no sound without PulseAudio"
    remedy = "`apt install libportaudio2` (Fedora: portaudio)"
    return [Finding("PortAudio", Status.POOR, evidence, remedy)]
