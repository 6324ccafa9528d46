from typing import Any

import pytest

from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.mixer import Setting
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


def judged(given: dict[str, Any], **settings: Setting) -> dict[str, Finding]:
    return {finding.check: finding for finding in judge_sound(given, settings)}


def test_sound_that_goes_round_is_well_and_measured() -> None:
    found = judged(answer(heard=4, loop_ms=43, heard_dbfs=-21))
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert found["tone"].figures["loop_ms"] == 43


ZEROS = {"is_zeros": True, "level_dbfs": -120}


@pytest.mark.parametrize(
    ("mic", "setting", "status", "words"),
    [
        (ZEROS, Setting(shown="USB"), "bad", "exact zeros for 4 s: USB"),
        (ZEROS, Setting(is_muted=True), "bad", "the system mutes it"),
        (ZEROS, Setting(percent=0), "bad", "at 0 % in the system's mixer"),
        (ZEROS, Setting(is_monitor=True), "bad", "the monitor of a speaker"),
        ({}, Setting(is_monitor=True), "poor", "the monitor of a speaker"),
        ({"seconds": 0.0}, Setting(), "bad", "delivers nothing"),
        ({"failure": "the recording device stopped"}, Setting(), "bad", "stopped"),
        ({"level_dbfs": -90}, Setting(), "poor", "less than a quiet room"),
        ({"is_clipped": True, "level_dbfs": -2}, Setting(), "poor", "clips"),
    ],
)
def test_a_microphone_s_trouble_is_named(
    mic: dict[str, Any], setting: Setting, status: str, words: str
) -> None:
    found = judged(answer(mic), microphone=setting)["microphone"]
    assert (found.status, words in found.evidence) == (status, True)
    assert found.remedy


def test_the_remedy_names_the_device_that_is_meant() -> None:
    named = Setting(variable="PULSE_SOURCE", is_muted=True)
    assert "$PULSE_SOURCE 0" in judged(answer(ZEROS), microphone=named)["microphone"].remedy
    default = judged(answer(ZEROS), microphone=Setting(percent=0))["microphone"].remedy
    assert "@DEFAULT_SOURCE@ 100%" in default


def test_a_device_that_does_not_open_says_why() -> None:
    found = judged(answer(None, causes={"microphone": "it is gone: plug it in, then rejoin"}))
    assert (found["microphone"].status, found["microphone"].remedy) == (Status.BAD, "plug it in")
    assert "tone" not in found


@pytest.mark.parametrize(
    ("speaker", "setting", "words"),
    [
        ({}, Setting(is_muted=True), "the system mutes it"),
        ({}, Setting(percent=0), "at 0 % in the system's mixer"),
        ({"seconds": 0.02}, Setting(), "takes no sound"),
    ],
)
def test_a_speaker_that_nobody_hears_is_named_and_the_air_is_not_blamed(
    speaker: dict[str, Any], setting: Setting, words: str
) -> None:
    found = judged(answer(speaker=speaker), speaker=setting)
    assert (found["speaker"].status, words in found["speaker"].evidence) == (Status.BAD, True)
    assert found["speaker"].remedy
    assert "tone" not in found


def test_headphones_are_no_fault() -> None:
    assert judged(answer())["tone"].status is Status.NOTE


def test_a_muted_speaker_is_named_though_nothing_is_played() -> None:
    found = judged(answer(speaker=None), speaker=Setting(is_muted=True))
    assert found["speaker"].status is Status.BAD


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


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"variable": "PULSE_SINK"}, "PULSE_SINK names a speaker that is not there"),
        ({"variable": ""}, "the sound server knows no speaker"),
    ],
)
def test_a_speaker_that_is_not_there_is_named_once(told: dict[str, Any], words: str) -> None:
    said = server("NO_SPEAKER", cause="no speaker: plug one in")
    said["devices"] = {"speaker": told | {"is_there": False}}
    found = combine(judge_server(said, {}), judge_sound(answer(None, None), {}))
    (speaker,) = [one for one in found if one.check == "speaker"]
    assert (speaker.status, speaker.evidence) == (Status.BAD, words)
    assert speaker.remedy
