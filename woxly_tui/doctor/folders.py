"""Whether woxly can keep what it has to keep."""

import contextlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from woxly_tui.doctor.finding import Finding, Status

_TRIAL_BYTES: Final = 65536


def own_folders() -> dict[str, Path]:
    """What is kept, and where."""
    import platformdirs

    return {
        "sign-in and volumes": platformdirs.user_data_path("woxly", appauthor=False),
        "logs": platformdirs.user_log_path("woxly", appauthor=False),
        "caches": platformdirs.user_cache_path("woxly", appauthor=False),
    }


def check_folders(folders: Mapping[str, Path], runtime: Path) -> list[Finding]:
    """Try each: a small file is written beside what would be kept, and taken away again."""
    if why := refusal(runtime):
        evidence = f"{runtime}, where the engine's socket goes, cannot be written: {why}"
        remedy = "no call can begin: set WOXLY_RUNTIME_DIR to a folder of yours"
        return [Finding("files", Status.BAD, evidence, remedy)]
    refused = {what: (path, why) for what, path in folders.items() if (why := refusal(path))}
    if not refused:
        return [Finding("files", Status.OK, "sign-in, volumes, logs and caches can be written")]
    path, why = next(iter(refused.values()))
    evidence = f"{' and '.join(refused)} cannot be kept: {path} cannot be written ({why})"
    remedy = "a HOME that is there, yours and not full, or XDG_DATA_HOME, _STATE_HOME, _CACHE_HOME"
    return [Finding("files", Status.BAD, evidence, remedy)]


def refusal(folder: Path) -> str:
    """Why nothing can be written in a folder, or where it would be made; empty where it can."""
    there = folder
    try:
        while not there.exists() and there != there.parent:
            there = there.parent
        if not there.is_dir():
            return "a file is in its place"
        if there != folder:
            # Only making it tells: some places take files, and no folders.
            trial = Path(tempfile.mkdtemp(prefix=".woxly-", dir=there))
            trial.rmdir()
            return ""
        descriptor, name = tempfile.mkstemp(prefix=".woxly-", dir=there)
        try:
            os.write(descriptor, bytes(_TRIAL_BYTES))
        finally:
            os.close(descriptor)
            with contextlib.suppress(OSError):
                Path(name).unlink()
    except OSError as error:
        return (error.strerror or type(error).__name__).lower()
    return ""
