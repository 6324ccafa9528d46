import pytest
from rich.cells import cell_len

from woxly_tui.call.snapshot import ParticipantView
from woxly_tui.tui.widgets.columns import Columns, fitting_states, person_name
from woxly_tui.tui.words import RowState
from woxly_tui.types import Identity


@pytest.mark.parametrize("width", range(20, 260))
def test_a_row_never_outgrows_its_width(width: int) -> None:
    c = Columns.for_width(width)
    gaps = c.gap * (2 if c.meter else 1)
    assert c.marker + c.name + gaps + c.meter + c.number + c.state <= width


def test_meter_grows_with_the_screen() -> None:
    assert Columns.for_width(59).meter >= 12
    assert Columns.for_width(79).meter > Columns.for_width(59).meter
    assert Columns.for_width(59).number == 4


def test_our_own_name_keeps_its_mark() -> None:
    own = ParticipantView(Identity("i"), "x" * 60, is_local=True)
    name = person_name(own, 18)
    assert name.endswith("… (you)")
    assert cell_len(name) <= 18
    assert person_name(ParticipantView(Identity("i"), "\x1b\x07"), 10) == "?"


def test_states_beyond_the_width_are_left_out() -> None:
    states = [RowState("!", "poor connection", ""), RowState("●", "speaking", "")]
    assert fitting_states(states, 17) == states[:1]
    assert fitting_states(states, 34) == states
