"""Without a sound server; with one it is tried in tests/live."""

import queue
import sys
from pathlib import Path

import pytest

from woxly_tui.media.device_world import DeviceKeeper, DeviceNews
from woxly_tui.media.devices import SoundServer, probe_sound_server
from woxly_tui.media.pulse_watch import PulseWatch, is_worn

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a sound server")


def test_no_server_is_told_once_and_the_thread_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if probe_sound_server(0.01) is SoundServer.NO_LIBRARY:
        pytest.skip("libpulse is not installed")
    monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path}/none")
    told: queue.Queue[DeviceNews] = queue.Queue()
    watch = PulseWatch(DeviceKeeper(), told.put)
    watch.start()
    news = told.get(timeout=5)
    assert news.world.server is SoundServer.ABSENT
    assert not news.view.is_server_there
    watch.close()
    assert not watch._thread.is_alive()
    assert told.empty()


@pytest.mark.parametrize(
    ("port", "form_factor", "expected"),
    [
        (b"analog-output-headphones", b"internal", True),
        (b"[Out] Headphones", None, True),
        (b"headset-output", None, True),
        (b"analog-output-speaker", None, False),
        (b"analog-output-speaker", b"headset", False),
        (None, b"headset", True),
        (b"analog-output", b"headphone", True),
        (b"hdmi-output-0", b"speaker", False),
        (None, None, False),
    ],
)
def test_what_is_worn_is_known_by_its_socket_or_by_its_own_word(
    port: bytes | None, form_factor: bytes | None, expected: bool
) -> None:
    assert is_worn(port, form_factor) is expected
