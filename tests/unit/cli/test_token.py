import json
import time

import pytest

from woxly_tui.cli.main import main
from woxly_tui.cli.token import parse_ttl
from woxly_tui.errors import UsageError
from woxly_tui.wire.token import read_token

KEY = ["--api-key", "devkey", "--api-secret", "secret"]


def test_prints_the_token_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "lobby", "--name", "Ann B", *KEY]) == 0
    captured = capsys.readouterr()
    assert captured.err == ""
    claims = read_token(captured.out)
    assert (claims.room, claims.name) == ("lobby", "Ann B")
    assert claims.identity.startswith("ann-b-")


def test_on_a_terminal_it_says_how_to_join(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert main(["token", "lobby", "--name", "Ann", "--url", "https://a.example", *KEY]) == 0
    captured = capsys.readouterr()
    token = captured.out.strip()
    line = f"LIVEKIT_URL=wss://a.example LIVEKIT_TOKEN={token} woxly join\n"
    assert captured.err.endswith(f"\n  {line}")


def test_json_holds_all_a_program_needs(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["token", "lobby", "--name", "Ann", "--identity", "a1", "--ttl", "2h", "--json", *KEY]
    assert main(words) == 0
    made = json.loads(capsys.readouterr().out)
    assert {key: made[key] for key in ("room", "identity", "name", "url")} == {
        "room": "lobby",
        "identity": "a1",
        "name": "Ann",
        "url": "",
    }
    assert made["expires_at"] == pytest.approx(time.time() + 7200, abs=5)
    assert read_token(made["token"]).identity == "a1"


def test_without_a_key_it_says_what_to_set(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIVEKIT_TOKEN", "t")
    assert main(["token", "lobby", "--name", "Ann"]) == 2
    err = capsys.readouterr().err
    assert "LiveKit API credentials not configured" in err
    assert "a token cannot make another" in err


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("30m", 1800), (" 6H ", 21600), ("7d", 604800), ("2w", 1209600)],
)
def test_times(text: str, seconds: int) -> None:
    assert parse_ttl(text) == seconds


@pytest.mark.parametrize("text", ["", "6", "h", "-1h", "0s", "1.5h", "9999999d", "٣h", "1y"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(UsageError, match="--ttl"):
        parse_ttl(text)
