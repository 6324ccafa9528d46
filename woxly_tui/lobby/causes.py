"""Why a connection failed, in the words of the system."""

import os


def cause_of(*errors: BaseException) -> str:
    """Why a connection failed, however often it was tried; not cleaned.

    What the system says to one of the errors, below what the libraries make of it; else the last
    one's own words.
    """
    known = (_system_cause(error) for error in errors)
    last = errors[-1]
    return next(filter(None, known), "") or str(last) or type(last).__name__


def _system_cause(error: BaseException) -> str:
    said = str(error)
    below: BaseException | None = error
    while below is not None:
        system = getattr(below, "os_error", below)
        if isinstance(system, OSError) and system.errno:
            # Of an address that is not known, the number is not one of the system's.
            named = os.strerror(system.errno) if system.errno > 0 else system.strerror
            return (named or said).lower()
        below = below.__cause__ or below.__context__
    return ""
