"""What a check found, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, in words for people."""

    check: str
    status: Status
    evidence: str
    remedy: str = ""
