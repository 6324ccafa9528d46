import json

import pytest

from woxly_tui import __version__
from woxly_tui.doctor.account import check_sign_in, judge_health
from woxly_tui.doctor.network import Page
from woxly_tui.doctor.subject import AccountSubject
from woxly_tui.errors import SignInNeeded


def health(**parts: str) -> Page:
    whole = {"status": "ok", "database": "ok", "livekit": "ok", "version": __version__} | parts
    return Page(200, json.dumps(whole), "", 0.0, 0.0)


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (health(), "ok", f"woxly {__version__} answers"),
        (health(version="0.0.9"), "note", f"older than woxly {__version__} here"),
        (health(version="99.1"), "note", f"newer than woxly {__version__} here"),
        (health(version="no number"), "note", "older"),
        (health(livekit="unreachable"), "bad", "cannot reach its livekit"),
        (Page(200, "<html>", "", 0.0, 0.0), "bad", "no woxly server"),
        (Page(404, "[]", "", 0.0, 0.0), "bad", "no woxly server"),
        ("connection refused", "bad", "connection refused"),
    ],
)
def test_a_woxly_server_is_asked_how_it_is(answer: Page | str, status: str, words: str) -> None:
    found = judge_health(answer)
    assert (found.status, words in found.evidence) == (status, True)


def test_a_sign_in_that_is_over_is_named_with_its_remedy() -> None:
    over = SignInNeeded("the sign-in is over", "`woxly login https://h`")
    found = check_sign_in(AccountSubject("https://h", lambda: over, ()))
    assert (found.status, found.evidence, found.remedy) == ("bad", over.message, over.remedy)
    assert check_sign_in(AccountSubject("https://h", lambda: None, ())).status == "ok"
