from importlib import metadata
from pathlib import Path

from woxly_tui.doctor.versions import SDK_PIN, check_versions


def test_what_is_installed_is_what_woxly_is_made_for() -> None:
    assert check_versions().status == "ok"
    assert f"livekit=={SDK_PIN}" in (Path(__file__).parents[3] / "pyproject.toml").read_text(
        "utf-8"
    )


def test_another_sdk_is_poor_and_a_missing_one_broken() -> None:
    assert check_versions(lambda _: "0.9").status == "poor"

    def missing(part: str) -> str:
        raise metadata.PackageNotFoundError(part)

    assert check_versions(missing).status == "bad"
