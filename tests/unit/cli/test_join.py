import argparse
from pathlib import Path

import pytest

from woxly_tui.cli.call_session import FrontEnd, JoinPlan
from woxly_tui.cli.join import plan_join
from woxly_tui.cli.main import build_parser, main
from woxly_tui.config.settings import CueSettings, NotifySettings
from woxly_tui.control.messages import Join
from woxly_tui.engine.credentials import Credentials, MintedCredentials, credentials_for
from woxly_tui.errors import CredentialsMissing, TokenError, UsageError, WoxlyError
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import mint_token

DEV = ["--url", "ws://127.0.0.1:7880", "--api-key", "devkey", "--api-secret", "secret"]
URL = ["--url", "wss://chat.example"]


def plan(*words: str) -> JoinPlan:
    args: argparse.Namespace = build_parser().parse_args(["join", *words])
    return plan_join(args)


def minted(*words: str) -> Join:
    join = plan(*words).join
    assert join.api_key
    assert not join.token
    return join


def token(room: str = "lobby", name: str = "Ann", ttl_s: int = 3600) -> str:
    return mint_token(
        api_key="k",
        api_secret="s" * 32,
        room=RoomName(room),
        identity=Identity("ann-1"),
        name=name,
        ttl_s=ttl_s,
    )


def test_key_and_secret_mint_for_the_room_typed() -> None:
    join = minted("lobby", *DEV, "--name", "Ann Berg", "--muted", "--backend", "null")
    assert (join.room, join.server, join.is_muted) == ("lobby", "127.0.0.1:7880", True)
    assert (join.url, join.backend) == ("ws://127.0.0.1:7880", "null")
    assert join.name == "Ann Berg"
    assert join.identity.startswith("ann-berg-")
    assert isinstance(credentials_for(join), MintedCredentials)


def test_two_terminals_of_one_user_do_not_evict_each_other() -> None:
    assert minted("lobby", *DEV).identity != minted("lobby", *DEV).identity


def test_an_identity_can_be_chosen() -> None:
    assert minted("lobby", *DEV, "--identity", "me").identity == "me"


def test_without_a_name_it_is_the_login_name() -> None:
    assert minted("lobby", *DEV).name == "ann"


def test_settings_of_the_file_hold_where_nothing_is_typed(home: Path) -> None:
    file = home / "w.toml"
    file.write_text(
        '[livekit]\nurl = "ws://localhost"\napi_key = "k"\napi_secret = "s"\n'
        '[you]\nname = "Berg"\n[call]\nroom = "attic"\nmuted = true\nconfirm_leave = false\n'
        'on_close = "hang_up"\n[engine]\nstay_online = true\n'
        '[ui]\ntheme = "light"\n[log]\nlevel = "debug"\n'
    )
    file.chmod(0o600)
    made = plan("--config", str(file))
    assert (made.join.room, made.join.is_muted) == ("attic", True)
    assert made.front_end == FrontEnd(
        theme="light",
        confirm_leave=False,
        hangs_up=True,
        log_level="debug",
        stays_online=True,
        cues=CueSettings(),
        notify=NotifySettings(),
    )
    assert plan("cellar", "--config", str(file)).join.room == "cellar"


async def test_a_token_needs_no_room() -> None:
    made = plan(*URL, "--token", token("den"))
    assert made.join.room == "den"
    assert await credentials_for(made.join).fetch() == Credentials(
        "wss://chat.example", token("den")
    )


def test_a_default_room_does_not_argue_with_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WOXLY_ROOM", "attic")
    assert plan(*URL, "--token", token("den")).join.room == "den"


async def test_a_token_in_the_file_is_read_again(home: Path) -> None:
    file = home / "w.toml"
    file.write_text(f'[livekit]\nurl = "ws://localhost"\ntoken = "{token("den", "Old")}"\n')
    file.chmod(0o600)
    credentials = credentials_for(plan("--config", str(file)).join)
    new = token("den", "New")
    file.write_text(f'[livekit]\nurl = "ws://localhost"\ntoken = "{new}"\n')
    assert (await credentials.fetch()).token == new
    file.write_text("[livekit\n")
    assert "eyJ" in (await credentials.fetch()).token


@pytest.mark.parametrize(
    ("words", "kind", "said"),
    [
        (["lobby"], UsageError, "no LiveKit server configured"),
        (["lobby", *URL], CredentialsMissing, "LiveKit API credentials not configured: set"),
        (["lobby", *URL, "--api-key", "k"], CredentialsMissing, "--api-key has no api_secret"),
        (DEV, UsageError, "no room given"),
        (["lobby", *DEV, "--url", "localhost:7880"], UsageError, "did you mean ws://localhost"),
        (["lobby", *DEV, "--backend", "alsa"], UsageError, "auto, native, mixer or null"),
        (["lobby", *DEV, "--name", "\x1b\x07"], UsageError, "no visible character"),
        (["lobby", *DEV, "--name", ""], UsageError, "--name is empty"),
        (["a\x1bb", *DEV], UsageError, "control character"),
        (["r" * 257, *DEV], UsageError, "257 bytes"),
        (["é" * 129, *DEV], UsageError, "258 bytes"),
        (
            ["lobby", *DEV, "--identity", "i" * 257],
            UsageError,
            "identity from --identity is",
        ),
        ([*URL, "--token", "nonsense"], TokenError, "malformed"),
        ([*URL, "--token", token(ttl_s=-7200)], TokenError, "expired at"),
        (["attic", *URL, "--token", token("den")], TokenError, "is for room 'den', not 'attic'"),
        (["lobby", *URL, "--token", "\udcff"], UsageError, "--token is not UTF-8"),
        (["lobby", *DEV, "--config", "/nowhere.toml"], UsageError, "does not exist"),
    ],
)
def test_bad_input_is_refused_with_a_reason_and_no_escape(
    words: list[str], kind: type[WoxlyError], said: str
) -> None:
    with pytest.raises(kind) as caught:
        plan(*words)
    assert said in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_expired_token_mentions_the_clock() -> None:
    with pytest.raises(TokenError, match="clock is wrong"):
        plan(*URL, "--token", token(ttl_s=-7200))


def test_a_token_of_tomorrow_is_refused() -> None:
    import jwt

    claims = {"sub": "a", "nbf": 4e9, "video": {"roomJoin": True, "room": "r"}}
    with pytest.raises(TokenError, match="not valid before"):
        plan(*URL, "--token", jwt.encode(claims, "s" * 32))


def test_a_minute_of_clock_skew_is_forgiven() -> None:
    assert plan(*URL, "--token", token(ttl_s=-30)).join.room == "lobby"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Ann 🎧", "Ann 🎧"),
        ("\u202eevil\u202c", "evil"),
        ("[bold]x[/bold]", "[bold]x[/bold]"),
        ("a\x1b[31mb\nc", "a[31mb c"),
        ("שלום", "שלום"),
    ],
)
def test_names_are_made_harmless(name: str, kept: str) -> None:
    made = minted("lobby", *DEV, "--name", name)
    assert made.name == kept
    assert made.identity.isascii()


def test_a_name_of_500_letters_is_cut() -> None:
    made = minted("lobby", *DEV, "--name", "x" * 500)
    assert len(made.name) == 64
    assert len(made.identity) < 40


def test_notes_say_what_is_ignored_or_exposed(capsys: pytest.CaptureFixture[str]) -> None:
    plan(*URL, "--token", token(name="Ann"), "--name", "Bob")
    assert "names you 'Ann'; --name is ignored" in capsys.readouterr().err
    plan(*URL, "--token", token(name=""), "--name", "Bob")
    assert "gives you no name" in capsys.readouterr().err
    plan("--url", "ws://far.example", "--token", token())
    assert "unencrypted" in capsys.readouterr().err
    plan(*URL, "--token", token())
    assert capsys.readouterr().err == ""


def test_a_readable_secret_is_warned_of(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = home / "w.toml"
    file.write_text(f'[livekit]\nurl = "ws://localhost"\ntoken = "{token()}"\n')
    file.chmod(0o644)
    plan("--config", str(file))
    assert f"chmod 600 {file}" in capsys.readouterr().err


def test_a_pipe_is_no_screen(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["join", "lobby", *DEV]) == 2
    err = capsys.readouterr().err
    assert "is not a terminal" in err
    assert "--plain" in err


def test_a_plan_prints_no_secret() -> None:
    made = plan("lobby", "--url", "ws://localhost", "--api-key", "k", "--api-secret", "hush-hush")
    assert "hush-hush" not in repr(made)
    assert "hush-hush" in made.secrets
