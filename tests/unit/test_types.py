import pytest

from woxly_tui.types import Identity, user_of


def test_a_number_is_a_user() -> None:
    assert user_of(Identity("42")) == 42


@pytest.mark.parametrize("identity", ["", "ann", "guest-4", "-4", "²", "٣", "9" * 5000])
def test_whoever_else_is_in_the_call_is_a_guest(identity: str) -> None:
    assert user_of(Identity(identity)) is None
