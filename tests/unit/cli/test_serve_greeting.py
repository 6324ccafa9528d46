"""What is said at the start is about the server that runs, not about the usual one."""

from pathlib import Path

from woxly_tui.cli.serve_greeting import greeting
from woxly_tui.config import Secret
from woxly_tui.server.settings import LivekitSettings, ServerSettings
from woxly_tui.sfu.server import Endpoint
from woxly_tui.sfu.shared import SharedEndpoint

LIVEKIT = LivekitSettings("ws://127.0.0.1:47880", "key", Secret("s" * 32), port=47880)


def said(own: Endpoint | None = None, **changes: object) -> str:
    settings = ServerSettings(**{"data_folder": Path("/d"), "livekit": LIVEKIT, **changes})  # type: ignore[arg-type]  # a test's shorthand
    return greeting(settings, 3001, own)


def test_ports_to_forward_are_those_that_were_chosen() -> None:
    text = said(SharedEndpoint(47880, 47882, "key", "secret", tcp_port=47881))
    assert "TCP 47880, 47881 and UDP 47882" in text
    assert "7880, 7881 and" not in text.replace("47880, 47881 and", "")
    assert "its own, port 47880" in text


def test_somebody_elses_livekit_needs_no_ports_here() -> None:
    text = said()
    assert "forwarded" not in text
    assert "ws://127.0.0.1:47880 (yours)" in text


def test_a_server_for_this_machine_only_warns_of_nothing() -> None:
    assert "!" not in said(SharedEndpoint(1, 2, "key", "secret"), host="127.0.0.1")


def test_without_tls_it_says_what_to_do() -> None:
    assert "--public-url https://NAME" in said()
    assert "--public-url https://NAME" not in said(public_url="https://a.example")
    assert "set LIVEKIT_PUBLIC_URL" in said(public_url="https://a.example")
