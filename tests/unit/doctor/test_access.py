import time
import warnings

import jwt
import pytest

from woxly_tui.config import KeyGiven, Secret, Source, TokenGiven
from woxly_tui.doctor.access import check_credentials, judge_access
from woxly_tui.doctor.network import Page
from woxly_tui.errors import CredentialsMissing


def given(**times: float) -> TokenGiven:
    claims = {"iss": "k", "sub": "ann", "video": {"roomJoin": True, "room": "r"}, **times}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = jwt.encode(claims, "s", algorithm="HS256")
    return TokenGiven(Secret(token), Source.FLAG, "--token")


def test_credentials_that_are_there_or_not() -> None:
    found = check_credentials(CredentialsMissing("LiveKit API credentials not configured", "do"))
    assert (found.check, found.status, found.remedy) == ("credentials", "bad", "do")
    key = KeyGiven("k", Secret("s"), Source.FLAG, "--api-key")
    assert check_credentials(key).status == "ok"


@pytest.mark.parametrize(
    ("exp", "nbf", "words"),
    [(-86400, -90000, "expired 1 day ago"), (200000, 86000, "not valid before another 23 hours")],
)
def test_a_token_out_of_its_time_is_named(exp: float, nbf: float, words: str) -> None:
    now = time.time()
    found = check_credentials(given(exp=now + exp, nbf=now + nbf))
    assert (found.check, found.status, words in found.evidence) == ("token", "bad", True)


def test_a_good_token_and_a_broken_one() -> None:
    assert "5 hours" in check_credentials(given(exp=time.time() + 5.5 * 3600)).evidence
    broken = TokenGiven(Secret("nonsense"), Source.FLAG, "--token")
    assert check_credentials(broken).status == "bad"


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, "invalid API key: k", "does not know the key"),
        (401, "invalid token: eyJa.eyJb.c, error: signature is invalid", "secret is wrong"),
        (401, "invalid token: eyJa.eyJb.c, error: token is expired", "for its times"),
        (401, "permissions denied", "does not allow joining"),
        (500, "oops", "answers 500: oops"),
    ],
)
def test_a_refusal_is_explained_without_the_token(status: int, body: str, words: str) -> None:
    found = judge_access(Page(status, body, "", 0.0, 0.0))
    assert (found.status, words in found.evidence) == ("bad", True)
    assert "eyJ" not in found.evidence


def test_a_token_that_is_taken() -> None:
    assert judge_access(Page(200, "success", "", 0.0, 0.0)).status == "ok"


def test_a_token_of_another_server_is_not_blamed_on_a_secret_that_is_not_there() -> None:
    refused = Page(401, "token signature is invalid", "", 0.0, 0.0)
    found = judge_access(refused, is_token=True)
    assert "not made with this server's secret" in found.evidence
    assert "a token made for this server" in found.remedy
