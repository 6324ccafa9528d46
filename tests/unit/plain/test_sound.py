from dataclasses import asdict

import pytest

from woxly_tui.call.shaping import Shaping
from woxly_tui.errors import UsageError
from woxly_tui.plain.sound import changed_sound, sound_line, sound_lines

AS_IT_IS = asdict(Shaping(mic_gain_db=6.0, auto_gain=False))


def test_every_setting_has_its_line() -> None:
    lines = sound_lines(AS_IT_IS)
    assert "master_percent: 100 %" in lines
    assert "mic_gain_db: 6 dB" in lines
    assert "auto_gain: off" in lines
    assert "gate: off" in lines
    assert sound_line("gate", {"gate": "-40"}) == "gate: -40 dBFS"
    assert sound_line("high_pass", AS_IT_IS) == "high_pass: on"


@pytest.mark.parametrize(
    ("typed", "change"),
    [
        ("master 80", {"master_percent": 80}),
        ("master_percent 80 %", {"master_percent": 80}),
        ("mic -3.5 dB", {"mic_gain_db": -3.5}),
        ("NOISE off", {"noise_suppression": False}),
        ("auto on", {"auto_gain": True}),
        ("gate auto", {"gate": "auto"}),
        ("gate -45 dBFS", {"gate": "-45"}),
        ("strong on", {"strong_suppression": True}),
    ],
)
def test_a_beginning_and_a_value_are_enough(typed: str, change: dict[str, object]) -> None:
    assert changed_sound(typed, AS_IT_IS) == change


@pytest.mark.parametrize(
    "typed",
    ["bass 3", "m 3", "master loud", "noise 1", "mic nan", "mic inf", "noise", "gate loud", "gate"],
)
def test_nonsense_is_refused_with_what_there_is(typed: str) -> None:
    with pytest.raises(UsageError):
        changed_sound(typed, AS_IT_IS)
