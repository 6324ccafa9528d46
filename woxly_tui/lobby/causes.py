"""Why a connection failed, in the words of the system."""

import os


def cause_of(error: BaseException | None) -> str:
    """What the system says, below what the libraries make of it; not cleaned."""
    said, below = str(error) or type(error).__name__, error
    while below is not None:
        system = getattr(below, "os_error", below)
        if isinstance(system, OSError) and system.errno:
            # Of an address that is not known, the number is not one of the system's.
            named = os.strerror(system.errno) if system.errno > 0 else system.strerror
            return (named or said).lower()
        below = below.__cause__ or below.__context__
    return said
