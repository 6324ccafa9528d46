"""The four complaints everybody has, and which finding explains each."""

from collections.abc import Iterable, Mapping
from typing import Final

from woxly_tui.doctor.finding import Finding, Status

NO_AUDIO: Final = "no audio in call"

CLASSICS: Final[Mapping[str, tuple[str, ...]]] = {
    "credentials not configured": ("credentials",),
    "cannot connect": (
        *(
            "configuration",
            "files",
            "server",
            "server port",
            "TLS",
            "LiveKit",
            "clock",
            "token",
            "access",
        ),
        *("woxly server", "sign-in"),
    ),
    NO_AUDIO: ("sound", "microphone", "speaker", "devices"),
    "participants not connecting": ("echo call", "participants"),
}
"""Complaint to the checks that can explain it, the first cause first."""


def diagnose(findings: Iterable[Finding]) -> dict[str, str]:
    """Which complaints this machine would bring about, and why: the first cause of each.

    Of sound all causes: a microphone and a speaker fail each by itself.
    """
    broken = {f.check: f for f in reversed(list(findings)) if f.status is Status.BAD}
    named = {}
    for complaint, checks in CLASSICS.items():
        causes = [broken[check] for check in checks if check in broken]
        told = causes if complaint == NO_AUDIO else causes[:1]
        if told:
            named[complaint] = "; ".join(f"{cause.check}: {cause.evidence}" for cause in told)
    return named
