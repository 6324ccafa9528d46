"""The report as JSON holds no more than what is pasted."""

import argparse
import json
from pathlib import Path

import pytest

from woxly_tui.cli.doctor import _report_json, _subject
from woxly_tui.doctor.examine import Report, check_settings
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.redact import Redactor
from woxly_tui.doctor.subject import Subject
from woxly_tui.errors import WoxlyError


def test_names_and_addresses_are_out_of_it_and_figures_are_in() -> None:
    finding = Finding(
        "echo call", Status.BAD, "ines at 192.0.2.7 was refused", "ask zoe", {"rtt_ms": 7.0}
    )
    report = Report({"network": [finding]})
    told = json.loads(_report_json(report, Redactor(["ines", "zoe"]).clean))
    (row,) = told["sections"]["network"]
    assert row["evidence"] == "<private> at <address> was refused"
    assert row["remedy"] == "ask <private>"
    assert row["figures"] == {"rtt_ms": 7.0}
    assert "ines" not in str(told["complaints"])


def subject_of(config: str | None) -> Subject:
    flags = {"url": "ws://h:1", "api_key": None, "api_secret": None, "token": None}
    return _subject(argparse.Namespace(config=config, server=None, no_tone=True, **flags))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[livekit]\nurll = 'x'\n", "unknown key 'urll'"),
        ("[livekit\n", "not valid TOML"),
        ("[call]\nroom = 3\n", "must be text"),
    ],
)
def test_a_configuration_with_errors_is_a_finding_and_the_rest_is_examined(
    tmp_path: Path, text: str, words: str
) -> None:
    file = tmp_path / "c.toml"
    file.write_text(text)
    subject = subject_of(str(file))
    found = check_settings(subject)
    assert (found.status, words in found.evidence) == (Status.BAD, True)
    assert found.remedy
    assert subject.url == "ws://h:1"
    assert isinstance(subject.given, WoxlyError)
    assert subject.given.message == "not known: the configuration cannot be used"


def test_a_configuration_that_is_sound_or_not_there_is_well() -> None:
    assert check_settings(subject_of(None)).status is Status.OK


def test_a_secret_that_others_can_read_is_told(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text("[livekit]\napi_key = 'k'\napi_secret = 'ssssssssssssssssssssssssssssssss'\n")
    file.chmod(0o644)
    found = check_settings(subject_of(str(file)))
    assert (found.status, "chmod 600" in found.remedy) == (Status.POOR, True)
