from typing import Any

import pytest

from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.sound import combine, judge_server, judge_sound

MIC: dict[str, Any] = {
    "seconds": 3.8,
    "level_dbfs": -50,
    "is_zeros": False,
    "is_clipped": False,
    "latency_ms": 10,
    "failure": "",
}
SPEAKER: dict[str, Any] = {"seconds": 3.8, "latency_ms": 15, "failure": ""}


def answer(mic: Any = (), speaker: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "microphone": None if mic is None else MIC | dict(mic),
        "speaker": None if speaker is None else SPEAKER | dict(speaker),
        "causes": {},
        "heard": 0,
    } | more


def judged(given: dict[str, Any], **is_muted: bool) -> dict[str, Finding]:
    return {finding.check: finding for finding in judge_sound(given, is_muted)}


def test_sound_that_goes_round_is_well_and_measured() -> None:
    found = judged(answer(heard=4, loop_ms=43, heard_dbfs=-21))
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert found["tone"].figures["loop_ms"] == 43


@pytest.mark.parametrize(
    ("mic", "is_muted", "status", "words"),
    [
        ({"is_zeros": True, "level_dbfs": -120}, False, "bad", "exact zeros"),
        ({"is_zeros": True, "level_dbfs": -120}, True, "bad", "the system mutes it"),
        ({"seconds": 0.0}, False, "bad", "delivers nothing"),
        ({"failure": "the recording device stopped"}, False, "bad", "stopped"),
        ({"level_dbfs": -90}, False, "poor", "less than a quiet room"),
        ({"is_clipped": True, "level_dbfs": -2}, False, "poor", "clips"),
    ],
)
def test_a_microphone_s_trouble_is_named(
    mic: dict[str, Any], is_muted: bool, status: str, words: str
) -> None:
    found = judged(answer(mic), microphone=is_muted)["microphone"]
    assert (found.status, words in found.evidence) == (status, True)
    assert found.remedy


def test_a_device_that_does_not_open_says_why() -> None:
    found = judged(answer(None, causes={"microphone": "it is gone: plug it in, then rejoin"}))
    assert (found["microphone"].status, found["microphone"].remedy) == (Status.BAD, "plug it in")
    assert "tone" not in found


def test_a_muted_speaker_is_named_and_headphones_are_no_fault() -> None:
    found = judged(answer(), speaker=True)
    assert (found["speaker"].status, found["tone"].status) == (Status.BAD, Status.NOTE)


def test_without_a_tone_nothing_is_said_of_the_speaker() -> None:
    assert set(judged(answer(speaker=None))) == {"microphone"}


def server(name: str, *, is_reached: bool = True, cause: str = "") -> dict[str, Any]:
    return {
        "server": name,
        "is_reached": is_reached,
        "is_elsewhere": False,
        "way": "as_it_is" if is_reached else "",
        "cause": cause,
    }


def test_a_server_s_word_on_devices_it_lacks_beats_what_its_monitors_deliver() -> None:
    told = judge_server(server("NO_MICROPHONE", cause="none: plug one in, then rejoin"), {})
    found = combine(told, judge_sound(answer(heard=4, loop_ms=1, heard_dbfs=-9), {}))
    assert [(f.check, f.status) for f in found] == [
        ("sound", "ok"),
        ("microphone", "bad"),
        ("speaker", "ok"),
    ]


def test_where_nothing_answers_one_cause_is_enough_unless_alsa_plays() -> None:
    told = judge_server(server("ABSENT", is_reached=False, cause="nobody answers: start one"), {})
    assert combine(told, judge_sound(answer(None, None, causes={"microphone": "x"}), {})) == told
    assert combine(told, judge_sound(answer(), {}))[0].status is Status.POOR
