"""What the probes share: one JSON line in, JSON lines out, and an end when the asker is gone.

stdin  the task, one line; its end is the end of this process
stdout what was found, JSON lines, and nothing else
"""

import contextlib
import json
import os
import sys
import threading
from collections.abc import Mapping
from typing import Any

from woxly_tui.media.pipes import exit_within


class ProbePipe:
    """Our ends of the asker's pipes, out of reach of whatever prints to 1.

    Args:
        limit_s: How long this process may live, whatever hangs.
    """

    def __init__(self, limit_s: float) -> None:
        exit_within(limit_s)
        self._out = os.dup(1)
        os.dup2(2, 1)

    def read_task(self) -> dict[str, Any]:
        """The line we are asked with; from then on our end follows the asker's."""
        line = bytearray()
        while not line.endswith(b"\n") and (byte := os.read(0, 1)):
            line += byte
        threading.Thread(target=_follow, name="asker", daemon=True).start()
        task = json.loads(line or b"{}")
        if not isinstance(task, dict):
            raise TypeError("the task is no JSON object")
        return task

    def say(self, found: Mapping[str, Any]) -> None:
        """One line more; from any thread, as one write."""
        with contextlib.suppress(OSError):
            os.write(self._out, json.dumps(found).encode("ascii") + b"\n")

    def finish(self) -> None:
        """End at once: the native libraries' own clean-up may block."""
        sys.stderr.flush()
        os._exit(0)


def _follow() -> None:
    with contextlib.suppress(OSError):
        while os.read(0, 4096):
            pass
    os._exit(0)
