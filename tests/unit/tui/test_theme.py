import pytest

from woxly_tui.errors import UsageError
from woxly_tui.tui.theme import theme_name


def test_short_names() -> None:
    assert theme_name(None) == "woxly-dark"
    assert theme_name("light") == "woxly-light"
    assert theme_name("nord") == "nord"


def test_an_unknown_theme_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean light"):
        theme_name("ligth")
