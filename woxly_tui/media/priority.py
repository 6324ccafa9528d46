"""Who carries sound runs before others, where the system allows it, as sound servers and
browsers do. Desktops allow it to members of a group, as `audio` or `pipewire`, or to nobody."""

import contextlib
import os
import sys
from typing import Final

REALTIME: Final = 5
"""Of the threads that serve a sound card: what PulseAudio asks for; browsers ask for more."""

NICENESS: Final = -11
"""Of the whole process, and so of the library's threads that begin later."""


def ask_for_process() -> bool:
    """Have this process run before others; before it begins threads. Returns whether it may."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, NICENESS)
        return True
    return False


def ask_for_thread() -> bool:
    """Have this thread run before all others. Returns whether it may."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError):
            how = os.SCHED_RR | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, how, os.sched_param(REALTIME))
            return True
    return False
