from typing import Any

import pytest

from woxly_tui.doctor.echo import judge_echo, judge_mouth_to_ear
from woxly_tui.doctor.finding import Finding, Status

JOINED = {"type": "joined", "took_ms": 50}
ECHO: dict[str, Any] = {
    "type": "echo",
    "sent": 10,
    "heard": 10,
    "mouth_to_ear_ms": 60,
    "spread_ms": 8,
    "protocol": "udp",
    "relay": "",
    "rtt_ms": 12.0,
    "packets": 200,
    "lost": 0,
    "jitter_ms": 1.0,
}


def paths(*, tcp: bool, tls: bool) -> list[dict[str, Any]]:
    works = {"tcp": tcp, "tls": tls}
    return [{"type": "path", "path": path, "works": on} for path, on in works.items()]


def judged(*said: dict[str, Any]) -> dict[str, Finding]:
    return {finding.check: finding for finding in judge_echo(list(said))}


def test_a_call_that_comes_back_is_measured() -> None:
    found = judged(JOINED, JOINED, ECHO, *paths(tcp=True, tls=True))
    assert {finding.status for finding in found.values()} == {Status.OK}
    assert found["echo call"].figures["sfu_ms"] == 60
    assert found["quality"].figures == {"rtt_ms": 12.0, "loss_percent": 0.0, "jitter_ms": 1.0}


def test_paths_that_are_blocked_are_named_one_by_one() -> None:
    found = judged(JOINED, JOINED, ECHO | {"protocol": "tcp"}, *paths(tcp=True, tls=False))
    assert [found[check].status for check in ("UDP", "TCP", "TURN")] == ["poor", "ok", "note"]
    found = judged(JOINED, JOINED, ECHO, *paths(tcp=False, tls=False))
    assert [found[check].status for check in ("UDP", "TCP", "TURN")] == ["ok", "note", "note"]
    found = judged(JOINED, JOINED, ECHO | {"relay": "tls"}, *paths(tcp=False, tls=True))
    assert (found["UDP"].status, "relay by tls" in found["UDP"].evidence) == ("poor", True)


@pytest.mark.parametrize(
    ("change", "check"),
    [
        ({"lost": 20}, "quality"),
        ({"mouth_to_ear_ms": 400}, "echo call"),
    ],
)
def test_what_is_worse_than_it_could_be_is_poor(change: dict[str, Any], check: str) -> None:
    assert judged(JOINED, JOINED, ECHO | change)[check].status is Status.POOR


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ([], "no media path"),
        ([{"type": "failed", "failure": "media_blocked", "detail": ""}], "no media path"),
        ([JOINED], "ended before"),
        ([{"type": "failed", "failure": "nothing_heard", "detail": "x"}], "no sound came back"),
        ([{"type": "failed", "failure": "unreachable", "detail": "refused"}], "refused"),
        ([JOINED, ECHO | {"heard": 2}], "2 of 10"),
    ],
)
def test_a_call_that_fails_says_where(said: list[dict[str, Any]], words: str) -> None:
    found = judge_echo(said)[0]
    assert (found.check, found.status, words in found.evidence) == ("echo call", "bad", True)
    assert found.remedy


def test_mouth_to_ear_needs_both_halves() -> None:
    loop = Finding("tone", Status.OK, "", "", {"loop_ms": 40.0})
    sfu = Finding("echo call", Status.OK, "", "", {"sfu_ms": 60.0})
    whole = judge_mouth_to_ear([loop, sfu])
    assert whole is not None
    assert whole.figures == {"mouth_to_ear_ms": 100.0}
    assert judge_mouth_to_ear([loop]) is None
