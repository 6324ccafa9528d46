"""Order of the tests, second tries, and the signals their processes begin with."""

import signal
from pathlib import Path
from typing import Final

import pytest

BY_THE_CLOCK: Final = frozenset({"chaos", "live", "lobby", "process", "tui"})
"""Folders whose tests run programs, sound or a screen in real time. What shares the machine may
stall one of them, so each has a second try, which the summary names: a test that fails twice fails,
and one that keeps being named is to be mended. `--reruns 0` shows what the first try failed for."""

_TESTS: Final = Path(__file__).parent


def pytest_configure() -> None:
    """A shell's background job ignores Ctrl-C, and so would every program that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Live tests last: their recorders keep this process busy, and Textual's pilot waits for it
    to be idle after each key."""
    items.sort(key=lambda item: item.get_closest_marker("live") is not None)
    if config.getoption("reruns") is not None:
        return
    for item in items:
        if item.path.relative_to(_TESTS).parts[0] in BY_THE_CLOCK:
            item.add_marker(pytest.mark.flaky(reruns=1))
