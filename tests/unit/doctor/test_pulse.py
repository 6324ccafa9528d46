"""What is said of the sound, by what the probe found."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from woxly_tui.doctor.pulse import check_sound, check_tmux

SSH = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22", "HOME": "/home/me"}


class Probe:
    """The process that looks, without one."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = {
            "server": "ANSWERS",
            "is_reached": True,
            "is_elsewhere": False,
            "way": "as_it_is",
            "cause": "",
        }
        self.error: Exception | None = None

    def run(self, command: list[str], **_: Any) -> "subprocess.CompletedProcess[bytes]":
        if self.error is not None:
            raise self.error
        return subprocess.CompletedProcess(command, 0, json.dumps(self.answer).encode())


@pytest.fixture
def probe(monkeypatch: pytest.MonkeyPatch) -> Probe:
    made = Probe()
    monkeypatch.setattr(subprocess, "run", made.run)
    return made


@pytest.mark.parametrize(
    ("changes", "environ", "status", "said"),
    [
        ({}, {}, "ok", "answers on this machine"),
        ({}, SSH, "note", "not where you sit"),
        ({"is_elsewhere": True}, SSH, "ok", "comes through the usual socket"),
        ({"way": "without_shared_memory"}, SSH, "ok", "comes through the usual socket"),
        ({"way": "forwarded"}, SSH, "ok", "/home/me/.woxly/pulse.sock"),
        ({"is_reached": False, "cause": "no sound is forwarded"}, SSH, "note", "no sound is"),
    ],
)
def test_it_says_where_sound_goes(
    probe: Probe, changes: dict[str, Any], environ: dict[str, str], status: str, said: str
) -> None:
    probe.answer |= changes
    found = check_sound(environ)
    assert (found.status, said in found.evidence) == (status, True), found


def test_a_probe_that_hangs_is_told(probe: Probe) -> None:
    probe.error = subprocess.TimeoutExpired("probe", 12)
    assert check_sound({}).status == "bad"


def test_a_pane_that_remembers_a_link_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = {"TMUX": "1", "PULSE_SERVER": f"unix:{tmp_path}/gone"}
    (found,) = check_tmux(gone)
    assert (found.status, "unset PULSE_SERVER" in found.remedy) == ("bad", True)
    assert check_tmux({"PULSE_SERVER": gone["PULSE_SERVER"]}) == []
