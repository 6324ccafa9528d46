"""What each terminal is sent, and how it is wrapped for the one outside."""

from typing import Final

import pytest

from woxly_tui.notify import terminal
from woxly_tui.notify.terminal import Dialect, Outside, TerminalSurface, Wrapping, outside

TEXT: Final = "ann is calling you"


@pytest.mark.parametrize(
    ("env", "dialect"),
    [
        ({"TERM": "xterm-kitty"}, Dialect.OSC99),
        ({"TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"}, Dialect.OSC99),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Dialect.OSC9),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, Dialect.OSC9),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"}, Dialect.OSC9),
        ({"TERM": "xterm-256color", "WT_SESSION": "x"}, Dialect.OSC9),
        ({"TERM": "xterm-ghostty"}, Dialect.OSC9),
        ({"TERM": "rxvt-unicode-256color"}, Dialect.OSC777),
        ({"TERM": "foot-extra"}, Dialect.OSC777),
        ({"TERM": "xterm-256color", "VTE_VERSION": "7402"}, Dialect.OSC777),
        ({"TERM": "xterm-256color"}, Dialect.NONE),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "Apple_Terminal"}, Dialect.NONE),
        ({"TERM": "linux"}, Dialect.NONE),
        ({}, Dialect.NONE),
    ],
)
def test_terminals_that_are_known_are_told_in_their_own_way(
    env: dict[str, str], dialect: Dialect
) -> None:
    assert outside(env) == Outside(dialect)
    assert outside(env, "osc777").dialect is Dialect.OSC777
    assert outside(env, "off").dialect is Dialect.NONE


def test_the_sequences() -> None:
    assert Outside(Dialect.OSC9).show(TEXT) == "\x1b]9;woxly: ann is calling you\a"
    assert Outside(Dialect.OSC777).show("a;b") == "\x1b]777;notify;woxly;a,b\a"
    kitty = Outside(Dialect.OSC99)
    assert kitty.show(TEXT) == "\x1b]99;i=woxly-ring;woxly: ann is calling you\x1b\\"
    assert kitty.take_back() == "\x1b]99;i=woxly-ring:p=close;\x1b\\"
    assert Outside(Dialect.OSC9).take_back() == ""
    assert Outside(Dialect.NONE).show(TEXT) == ""


def test_a_name_cannot_be_taken_for_a_command_of_windows_terminal() -> None:
    assert Outside(Dialect.OSC9).show("4;1;50").startswith("\x1b]9;woxly: ")


def test_sequences_are_wrapped_for_what_stands_between() -> None:
    inside_tmux = Outside(Dialect.OSC99, Wrapping.TMUX).take_back()
    assert inside_tmux == "\x1bPtmux;\x1b\x1b]99;i=woxly-ring:p=close;\x1b\x1b\\\x1b\\"
    inside_screen = Outside(Dialect.OSC99, Wrapping.SCREEN).take_back()
    assert inside_screen == "\x1bP\x1b]99;i=woxly-ring:p=close;\a\x1b\\"


def test_gnu_screen_gets_it_in_pieces_that_it_passes_on_whole() -> None:
    text = "ü" * 300
    wrapped = Outside(Dialect.OSC9, Wrapping.SCREEN).show(text)
    parts = wrapped.removeprefix("\x1bP").removesuffix("\x1b\\").split("\x1b\\\x1bP")
    assert "".join(parts) == f"\x1b]9;woxly: {text}\a"
    assert all(len(part.encode()) <= 200 for part in parts)


def test_inside_screen_its_own_name_says_nothing_of_the_terminal() -> None:
    assert outside({"STY": "1.x", "TERM": "screen.xterm-kitty"}).dialect is Dialect.NONE
    found = outside({"STY": "1.x", "TERM": "screen", "LC_TERMINAL": "iTerm2"})
    assert found == Outside(Dialect.OSC9, Wrapping.SCREEN)


def test_inside_tmux_it_is_asked_and_a_tmux_that_does_not_answer_costs_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    env = {"TMUX": "/nonexistent,1,0", "TERM": "tmux-256color", "KITTY_WINDOW_ID": "7"}
    found = outside(env | {"PATH": "/nonexistent"})
    assert found == Outside(Dialect.NONE, Wrapping.TMUX)
    told = {"TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm 2024"}
    monkeypatch.setattr(terminal, "_asked_of_tmux", lambda _: told)
    assert outside(env).dialect is Dialect.OSC9


def test_the_bell_rings_for_rings_and_can_be_off() -> None:
    out: list[str] = []
    surface = TerminalSurface(out.append, Outside(Dialect.NONE))
    surface.show(TEXT, is_urgent=True)
    surface.again()
    surface.take_back()
    surface.show(TEXT, is_urgent=False)
    assert out == ["\a", "\a"]
    out.clear()
    mute = TerminalSurface(out.append, Outside(Dialect.OSC9), has_bell=False)
    mute.show(TEXT, is_urgent=True)
    mute.again()
    assert out == ["\x1b]9;woxly: ann is calling you\a"]
