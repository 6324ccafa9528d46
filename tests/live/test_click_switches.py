"""No click where devices and backends change: at either device, and at the other's ear."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from tests.live.conftest import started_sound_server
from tests.rig.analysis import hum, longest_gap_s, tone
from tests.rig.peer import Peer
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.smooth import SETTLE_S, demand_smooth

pytestmark = pytest.mark.live

GAP_S: Final = 0.5
"""Most that a change of backend may cost of anybody's sound."""

SWITCH_S: Final = 0.8
"""What a change of backend may take after it is shown."""

Change = Callable[[], object]

_FLAT: Final = dict.fromkeys(
    ("echo_cancellation", "noise_suppression", "auto_gain", "high_pass"), False
)


class Stage:
    """Ann between two headsets, of which both are recorded; Bob hears her, and she a tone."""

    def __init__(self, sfu: LiveKitServer, sound: SoundServer, backend: str) -> None:
        self.scene = Scene(sfu, sound)
        for kind, name in (("sink", "ann_speaker"), ("source", "ann_mic")):
            sound.control(f"set-default-{kind}", name)
        self.wire: Peer = self.scene.peer()
        self.wire.publish(queue_ms=400)
        self.ann = self.scene.woxly("ann", "--backend", backend, pins_devices=False)
        self.bob = self.scene.woxly("bob", "--backend", "mixer", "--muted")
        self.ann.wait_live()
        self.bob.wait_muted()
        self.bob.ask("set_shaping", **_FLAT)
        self.bob.ask("set_volume", identity="wire", percent=0)

    def hear(self) -> None:
        """Let Ann hear a tone."""
        self.wire.play(tone(440, 100, -20))
        wait_loud(self.scene.devices("ann").heard.between)
        time.sleep(2.0)

    def talk(self) -> None:
        """Let Ann be heard. The tone would have echo cancellers take her for an echo."""
        for name in ("ann", "usb"):
            self.scene.devices(name).say(hum(100, -30))
        wait_loud(self.scene.devices("bob").heard.between, 8)
        time.sleep(2.0)

    def demand_smooth(
        self, names: tuple[str, ...], *changes: Change, settle_s: float = SETTLE_S
    ) -> None:
        """Demand that no change is a click at one of these speakers."""
        ears = {name: self.scene.devices(name).heard for name in names}
        demand_smooth(ears, (self.ann, self.bob), changes, settle_s)

    def select(self, kind: str, name: str) -> Change:
        """A change of device."""
        return lambda: self.ann.send({"type": "select_device", "kind": kind, "name": name})

    def volume(self, percent: int, backend: str) -> Change:
        """A volume that needs that backend."""

        def change() -> None:
            self.ann.ask("set_volume", identity="wire", percent=percent)
            self.ann.wait_state(backend, lambda s: bool(s["microphone"]["backend"] == backend), 12)

        return change


@pytest.fixture(scope="module")
def two_headsets() -> Iterator[SoundServer]:
    yield from started_sound_server(["ann", "bob", "usb"])


@pytest.fixture
def stage(
    sfu: LiveKitServer, two_headsets: SoundServer, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    made = Stage(sfu, two_headsets, request.param)
    with made.scene:
        yield made
        made.ann.finish()
        made.bob.finish()


@pytest.mark.parametrize("stage", ["native", "mixer"], indirect=True)
def test_another_speaker_fades_in_where_the_first_one_faded_out(stage: Stage) -> None:
    stage.hear()
    stage.demand_smooth(
        ("ann", "usb"),
        stage.select("speaker", "usb_speaker"),
        stage.select("speaker", "ann_speaker"),
    )


@pytest.mark.parametrize("stage", ["native", "mixer"], indirect=True)
def test_another_microphone_is_not_heard_as_a_click(stage: Stage) -> None:
    stage.talk()
    stage.demand_smooth(
        ("bob",), stage.select("microphone", "usb_mic"), stage.select("microphone", "ann_mic")
    )


@pytest.mark.parametrize("stage", ["auto"], indirect=True)
@pytest.mark.parametrize("ear", ["ann", "bob"])
def test_another_backend_is_a_click_at_nobodys_ear_and_a_short_gap(stage: Stage, ear: str) -> None:
    (stage.hear if ear == "ann" else stage.talk)()
    began_s = time.monotonic()
    stage.demand_smooth(
        (ear,), stage.volume(50, "mixer"), stage.volume(100, "native"), settle_s=SWITCH_S
    )
    gap_s = longest_gap_s(stage.scene.devices(ear).heard.since(began_s))
    assert gap_s <= GAP_S, f"nothing is heard for {gap_s:.2f} s"
