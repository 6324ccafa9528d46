"""The four complaints everybody has, and which finding explains each."""

from collections.abc import Iterable, Mapping
from typing import Final

from woxly_tui.doctor.finding import Finding, Status

CLASSICS: Final[Mapping[str, tuple[str, ...]]] = {
    "credentials not configured": ("credentials",),
    "cannot connect": (
        *("server", "server port", "TLS", "LiveKit", "clock", "token", "access"),
        "woxly server",
    ),
    "no audio in call": ("sound", "microphone", "speaker", "devices"),
    "participants not connecting": ("echo call", "participants"),
}
"""Complaint to the checks that can explain it, the first cause first."""


def diagnose(findings: Iterable[Finding]) -> dict[str, str]:
    """Which complaints this machine would bring about, and why: the first cause of each."""
    broken = {f.check: f for f in reversed(list(findings)) if f.status is Status.BAD}
    named = {}
    for complaint, checks in CLASSICS.items():
        cause = next((broken[check] for check in checks if check in broken), None)
        if cause is not None:
            named[complaint] = f"{cause.check}: {cause.evidence}"
    return named
