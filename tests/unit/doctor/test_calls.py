from typing import Any

from woxly_tui.doctor.calls import judge_call

SNAPSHOT: dict[str, Any] = {
    "phase": "established",
    "room": "standup",
    "server": "lk.example:7880",
    "trouble": "",
    "rtt_ms": 38,
    "microphone": {"state": "live", "backend": "native", "cause": "", "is_deafened": False},
    "participants": [
        {"identity": "me", "name": "Me", "is_local": True, "is_connecting": False},
        {"identity": "bob", "name": "Bob", "is_local": False, "is_connecting": False},
    ],
}


def test_a_call_that_runs_keeps_its_devices_and_its_names() -> None:
    calls = judge_call(SNAPSHOT)
    assert calls.is_in_call
    assert [finding.status for finding in calls.findings] == ["ok", "ok"]
    assert calls.findings[0].figures == {"rtt_ms": 38.0}
    assert {"standup", "lk.example:7880", "bob", "Bob"} <= set(calls.private)
    assert "Bob" not in " ".join(finding.evidence for finding in calls.findings)


def test_no_call_leaves_the_devices_free() -> None:
    assert not judge_call(SNAPSHOT | {"phase": "ended"}).is_in_call


def test_trouble_a_missing_microphone_and_stuck_people_are_named() -> None:
    mic = SNAPSHOT["microphone"] | {"cause": "no microphone was found: plug one in"}
    people = [person | {"is_connecting": True} for person in SNAPSHOT["participants"]]
    calls = judge_call(
        SNAPSHOT | {"microphone": mic, "participants": people, "trouble": "the link broke"}
    )
    assert [(f.check, f.status) for f in calls.findings] == [
        ("call", "bad"),
        ("microphone", "bad"),
        ("participants", "bad"),
    ]
    assert calls.findings[1].remedy == "plug one in"
