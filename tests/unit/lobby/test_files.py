from pathlib import Path

import httpx
import pytest

from woxly_tui.errors import LobbyRefused
from woxly_tui.lobby import files
from woxly_tui.lobby.accounts import Account, AccountStore
from woxly_tui.lobby.rest import RestClient, SignedIn
from woxly_tui.social.model import Attachment


@pytest.fixture
def me(tmp_path: Path) -> SignedIn:
    account = Account("http://127.0.0.1:1", 1, "annie", "WX1000", "token", "refresh")
    store = AccountStore(tmp_path / "accounts.json")
    return SignedIn(RestClient(account.origin), account, store)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[httpx.Request]:
    requests: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        requests.append(request)
        return httpx.Response(404 if "gone" in request.url.path else 200, content=b"data")

    real = httpx.AsyncClient
    monkeypatch.setattr(
        httpx, "AsyncClient", lambda **_: real(transport=httpx.MockTransport(answer))
    )
    return requests


async def test_a_file_is_saved_under_a_free_name(
    me: SignedIn, asked: list[httpx.Request], tmp_path: Path
) -> None:
    picture = Attachment("tea.png", 4, "http://127.0.0.1:1/uploads/x.png")
    first = await files.save(me, picture, tmp_path / "new")
    second = await files.save(me, picture, tmp_path / "new")
    assert (first.name, second.name) == ("tea.png", "tea (2).png")
    assert first.read_bytes() == b"data"
    assert asked[0].headers["authorization"] == "Bearer token"


async def test_the_token_goes_to_no_other_server(
    me: SignedIn, asked: list[httpx.Request], tmp_path: Path
) -> None:
    await files.save(me, Attachment("x", 4, "http://127.0.0.2:1/x"), tmp_path)
    assert "authorization" not in asked[0].headers


async def test_what_the_server_does_not_give_leaves_nothing(
    me: SignedIn, asked: list[httpx.Request], tmp_path: Path
) -> None:
    with pytest.raises(LobbyRefused, match="404"):
        await files.save(me, Attachment("x", 4, "http://127.0.0.1:1/gone"), tmp_path / "new")
    assert len(asked) == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("../../etc/passwd", "_.._etc_passwd"),
        (".bashrc", "bashrc"),
        ("a\x1bb\n.txt", "ab .txt"),
        ("...", "file"),
        ("", "file"),
        ("C:\\x", "C:_x"),
    ],
)
def test_a_name_is_no_path(raw: str, name: str) -> None:
    assert "/" not in files.file_name(raw)
    assert not files.file_name(raw).startswith(".")
    assert files.file_name(raw) == name
