"""Settings of the picture tests."""

from pytest_textual_snapshot import (  # type: ignore[import-untyped]  # it has no stubs
    SVGImageExtension,
)

SVGImageExtension.file_extension = "svg"  # newer syrupy reads this name of the setting
