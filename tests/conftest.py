"""Order of the tests, and the signals their processes begin with."""

import signal

import pytest


def pytest_configure() -> None:
    """A shell's background job ignores Ctrl-C, and so would every program that a test starts."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests last: their recorders keep this process busy, and Textual's pilot waits for it
    to be idle after each key."""
    items.sort(key=lambda item: item.get_closest_marker("live") is not None)
