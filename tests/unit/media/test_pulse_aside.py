"""Without a sound server; with one it is tried in tests/live."""

import queue
import sys
from pathlib import Path
from typing import Any

import pytest

from woxly_tui.media.devices import SoundServer, probe_sound_server
from woxly_tui.media.pulse_aside import PulseAside

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sound server")


class Ears:
    def __init__(self) -> None:
        self.told: queue.Queue[tuple[Any, ...]] = queue.Queue()

    def on_peak(self, slot: str, peak: float) -> None:
        self.told.put(("peak", slot, peak))

    def on_deaf(self, slot: str) -> None:
        self.told.put(("deaf", slot))

    def on_tone_over(self, *, was_played: bool) -> None:
        self.told.put(("over", was_played))


def test_without_a_server_a_device_is_deaf_and_a_tone_is_over_and_the_thread_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if probe_sound_server(0.01) is SoundServer.NO_LIBRARY:
        pytest.skip("libpulse is not installed")
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    ears = Ears()
    aside = PulseAside(ears)
    aside.close()  # never begun
    aside = PulseAside(ears)
    aside.listen("try", "mic")
    assert ears.told.get(timeout=5) == ("deaf", "try")
    aside.play("speaker", b"\0\0" * 480)
    assert ears.told.get(timeout=5) == ("over", False)
    aside.close()
    assert not aside._thread.is_alive()
