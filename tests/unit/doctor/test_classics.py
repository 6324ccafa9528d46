import pytest

from woxly_tui.doctor.classics import CLASSICS, diagnose
from woxly_tui.doctor.finding import Finding, Status


@pytest.mark.parametrize(
    ("complaint", "check"),
    [(complaint, check) for complaint, checks in CLASSICS.items() for check in checks],
)
def test_each_cause_brings_its_complaint(complaint: str, check: str) -> None:
    assert diagnose([Finding(check, Status.BAD, "broken")]) == {complaint: f"{check}: broken"}


def test_only_what_is_broken_counts_and_the_first_cause_is_named() -> None:
    found = [
        Finding("access", Status.BAD, "refused"),
        Finding("clock", Status.BAD, "a day off"),
        Finding("microphone", Status.POOR, "quiet"),
    ]
    assert diagnose(found) == {"cannot connect": "clock: a day off"}


def test_microphone_and_speaker_are_both_named() -> None:
    found = [Finding("speaker", Status.BAD, "muted"), Finding("microphone", Status.BAD, "zeros")]
    assert diagnose(found) == {"no audio in call": "microphone: zeros; speaker: muted"}
