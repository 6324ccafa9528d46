"""Settings of the picture tests."""

import time

import pytest
from pytest_textual_snapshot import (  # type: ignore[import-untyped]  # it has no stubs
    SVGImageExtension,
)

SVGImageExtension.file_extension = "svg"  # newer syrupy reads this name of the setting


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times of day are drawn as in Reykjavik wherever the tests run."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
