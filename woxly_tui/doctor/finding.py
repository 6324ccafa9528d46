"""What a check found, and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """How much it matters."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is broken."""
    POOR = "poor"
    """Calls work, and worse than they could."""
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check, in words for people."""

    check: str
    status: Status
    evidence: str
    remedy: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    """What was measured, by name with its unit."""
