import pytest

from woxly_tui.call.shaping import Shaping, nearest


def test_the_defaults_need_no_mixer_and_anything_else_does() -> None:
    assert not Shaping().needs_mixer
    assert Shaping(master_percent=99).needs_mixer
    assert Shaping(mic_gain_db=-0.5).needs_mixer
    assert Shaping(high_pass=False).needs_mixer


@pytest.mark.parametrize(
    ("wanted", "is_now"),
    [
        (Shaping(200, 20.0), Shaping(200, 20.0)),
        (Shaping(10**12, float("inf")), Shaping(200, 20.0)),
        (Shaping(-5, float("-inf")), Shaping(0, -20.0)),
        (Shaping(100, float("nan")), Shaping(100, 0.0)),
    ],
)
def test_what_is_out_of_range_becomes_the_nearest(wanted: Shaping, is_now: Shaping) -> None:
    assert nearest(wanted) == is_now


@pytest.mark.parametrize(
    ("wish", "kept"),
    [
        *[("off", "off"), (" AUTO ", "auto"), ("-45", "-45"), ("-45.4", "-45"), ("0", "-10")],
        *[("-1e9", "-80"), ("loud", "off"), ("nan", "off"), ("", "off"), ("inf", "off")],
    ],
)
def test_a_gate_is_one_that_there_is(wish: str, kept: str) -> None:
    assert nearest(Shaping(gate=wish)).gate == kept
    assert nearest(Shaping(gate=wish)).needs_mixer == (kept != "off")
