import json

import pytest

from woxly_tui.doctor.account import judge_health
from woxly_tui.doctor.network import Page


def health(**parts: str) -> Page:
    whole = {"status": "ok", "database": "ok", "livekit": "ok", "version": "1.0"} | parts
    return Page(200, json.dumps(whole), "", 0.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (health(), "ok", "woxly 1.0 answers"),
        (health(livekit="unreachable"), "bad", "cannot reach its livekit"),
        (Page(200, "<html>", "", 0.0, 0.0), "bad", "no woxly server"),
        (Page(404, "[]", "", 0.0, 0.0), "bad", "no woxly server"),
        ("connection refused", "bad", "connection refused"),
    ],
)
def test_a_woxly_server_is_asked_how_it_is(answer: Page | str, status: str, words: str) -> None:
    found = judge_health(answer)
    assert (found.status, words in found.evidence) == (status, True)
