"""Order of the tests."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Live tests last: their recorders keep this process busy, and Textual's pilot waits for it
    to be idle after each key."""
    items.sort(key=lambda item: item.get_closest_marker("live") is not None)
