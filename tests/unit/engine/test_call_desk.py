"""Whether a call may be joined while another one is."""

from dataclasses import replace

import pytest

from woxly_tui.call import events as happened
from woxly_tui.control.call_file import CallKeeper
from woxly_tui.control.messages import Join
from woxly_tui.engine.call_desk import CallDesk
from woxly_tui.engine.credentials import credentials_for
from woxly_tui.errors import WoxlyError
from woxly_tui.types import Identity, RoomName
from woxly_tui.wire.token import mint_token

KEYED = Join(
    url="ws://127.0.0.1:1",
    server="nowhere",
    room=RoomName("lobby"),
    api_key="devkey",
    api_secret="secret",  # noqa: S106 - what `livekit-server --dev` takes
    identity=Identity("ann-1"),
    name="Ann",
)


def with_token(identity: str, ttl_s: int) -> Join:
    token = mint_token(
        api_key="devkey",
        api_secret="secret" * 6,
        room=RoomName("lobby"),
        identity=Identity(identity),
        name=identity,
        ttl_s=ttl_s,
    )
    return replace(KEYED, token=token, api_key="", api_secret="", identity=Identity(""), name="")


def desk_in(join: Join) -> CallDesk:
    desk = CallDesk(credentials_for, CallKeeper())
    assert desk.take(join, is_in_call=False) is not None
    return desk


def test_the_same_person_is_shown_the_call_there_is() -> None:
    again = replace(KEYED, identity=Identity("ann-2"))
    assert desk_in(KEYED).take(again, is_in_call=True) is None
    assert desk_in(KEYED).take(replace(again, is_muted=True), is_in_call=True) == happened.MuteSet(
        on=True
    )


def test_a_newer_token_of_the_same_person_is_the_same_person() -> None:
    desk = desk_in(with_token("ann", 60))
    assert desk.take(with_token("ann", 90), is_in_call=True) is None


@pytest.mark.parametrize("asked", [replace(KEYED, name="Bob"), with_token("ann", 60)])
def test_somebody_else_is_not_quietly_shown_the_call_of_the_first(asked: Join) -> None:
    with pytest.raises(WoxlyError, match="as somebody else") as refused:
        desk_in(KEYED).take(asked, is_in_call=True)
    assert "WOXLY_ENGINE" in refused.value.remedy


def test_another_room_has_to_wait() -> None:
    with pytest.raises(WoxlyError, match="in a call in lobby already"):
        desk_in(KEYED).take(replace(KEYED, room=RoomName("other")), is_in_call=True)
