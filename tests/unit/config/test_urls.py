import pytest

from woxly_tui.config import parse_server_url
from woxly_tui.errors import UsageError


@pytest.mark.parametrize(
    ("raw", "url", "label"),
    [
        ("ws://127.0.0.1:7880", "ws://127.0.0.1:7880", "127.0.0.1:7880"),
        ("http://localhost:7880/", "ws://localhost:7880", "localhost:7880"),
        ("https://chat.example", "wss://chat.example", "chat.example"),
        ("wss://x.livekit.cloud", "wss://x.livekit.cloud", "x.livekit.cloud"),
        ("wss://a.example/livekit/", "wss://a.example/livekit", "a.example"),
        ("WSS://A.Example:443", "wss://a.example:443", "a.example:443"),
        ("ws://[::1]:7880", "ws://[::1]:7880", "[::1]:7880"),
        ("  ws://h  ", "ws://h", "h"),
    ],
)
def test_addresses_taken(raw: str, url: str, label: str) -> None:
    server = parse_server_url(raw, "--url")
    assert (server.url, server.label) == (url, label)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("127.0.0.1:7880", "did you mean ws://127.0.0.1:7880 ?"),
        ("localhost:7880", "did you mean ws://localhost:7880 ?"),
        ("localhost", "did you mean ws://localhost ?"),
        ("::1", "did you mean ws://[::1] ?"),
        ("[::1]:7880", "did you mean ws://[::1]:7880 ?"),
        ("chat.example", "did you mean wss://chat.example ?"),
        ("p.livekit.cloud", "did you mean wss://p.livekit.cloud ?"),
        ("box:7880", "did you mean ws://box:7880 ?"),
        ("ftp://a", "starts with ftp://"),
        ("file:///etc", "starts with file://"),
        ("", "is empty"),
        ("ws://", "names no host"),
        ("ws://:7880", "names no host"),
        ("ws://a b", "space"),
        ("ws://a\x1b[2J", "control character"),
        ("ws://a:99999", "port"),
        ("ws://a:http", "port"),
        ("ws://a:0", "port 0"),
        ("ws://[::1", "cannot be read"),
        ("ws://u:pw@a", "user name or password"),
        ("ws://a?token=1", "after a ?"),
        ("https://cloud.livekit.io/projects/p", "web page"),
    ],
)
def test_addresses_refused_with_a_remedy_and_their_origin(raw: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_server_url(raw, "--url")
    assert said in str(caught.value)
    assert "--url" in caught.value.message
    assert "pw" not in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("raw", "is_exposed"),
    [
        ("ws://127.0.0.1:7880", False),
        ("ws://127.9.9.9", False),
        ("ws://localhost", False),
        ("ws://[::1]", False),
        ("wss://far.example", False),
        ("ws://far.example", True),
        ("ws://192.168.0.2:7880", True),
    ],
)
def test_a_token_in_clear_to_another_machine_is_known(raw: str, *, is_exposed: bool) -> None:
    assert parse_server_url(raw, "--url").is_exposed is is_exposed
