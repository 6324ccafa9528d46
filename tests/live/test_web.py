"""A friend without woxly: livekit-client in a browser hears us, is heard, and sees the mute."""

import time
from collections.abc import Iterator
from typing import Final

import pytest

from tests.rig.analysis import tone_dbfs
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene, chirps_through, delays_s, wait_loud
from tests.rig.sfu import LiveKitServer
from tests.rig.web.participant import Unavailable, WebParticipant, fetch_client, find_chromium
from tests.rig.woxly import Woxly, sees

pytestmark = pytest.mark.live

TONE_HZ: Final = 1500.0


@pytest.fixture(scope="module")
def call(
    request: pytest.FixtureRequest, sfu: LiveKitServer, sound: SoundServer
) -> Iterator[tuple[Scene, Woxly, WebParticipant]]:
    """ann in woxly, bob in a browser."""
    try:
        find_chromium()
        script = fetch_client(request.config.cache.mkdir("livekit-client"))
    except Unavailable as error:
        pytest.skip(str(error))
    with Scene(sfu, sound) as scene:
        ann = scene.woxly("ann")
        env = sound.people["bob"].env
        with WebParticipant(sfu, scene.room, "bob", env, hz=TONE_HZ, script=script) as web:
            web.wait_for("join", lambda r: r["type"] == "joined", 40)
            ann.wait_live()
            yield scene, ann, web
        ann.finish()


def test_the_browser_hears_woxly(call: tuple[Scene, Woxly, WebParticipant]) -> None:
    scene, _, web = call
    web.wait_for("ann's track", lambda r: r["type"] == "track" and r["identity"] == "ann")
    ann, bob = scene.devices("ann"), scene.devices("bob")
    chirps_through(ann, bob.heard.between)  # the browser opens its output at the first sound
    assert delays_s(*chirps_through(ann, bob.heard.between)), "no chirp left the browser's speaker"


def test_woxly_hears_the_browser(call: tuple[Scene, Woxly, WebParticipant]) -> None:
    scene, _, _ = call
    speaker = scene.devices("ann").heard
    wait_loud(speaker.between)
    time.sleep(0.5)
    end_s = time.monotonic()
    # An oscillator at a tenth of full scale: -20 dBFS peak, -23 RMS.
    assert tone_dbfs(speaker.between(end_s - 0.4, end_s), TONE_HZ) == pytest.approx(-23, abs=2)


def test_the_browser_sees_our_mute_and_deafen(call: tuple[Scene, Woxly, WebParticipant]) -> None:
    _, ann, web = call
    since = web.reports()
    ann.ask("set_mute", on=True)
    web.wait_for("mute", lambda r: r.get("on") is True and r["identity"] == "ann", since=since)
    ann.ask("set_mute", on=False)
    web.wait_for("unmute", lambda r: r.get("on") is False and r["identity"] == "ann", since=since)
    ann.ask("set_deafen", on=True)
    web.wait_for(
        "deafened", lambda r: r.get("changed", {}).get("voice.deafened") == "1", since=since
    )
    ann.ask("set_deafen", on=False)


def test_we_see_the_browser_mute(call: tuple[Scene, Woxly, WebParticipant]) -> None:
    _, ann, web = call
    web.do("mute")
    ann.wait_state("bob muted", sees("bob", is_muted=True), 3)
    web.do("unmute")
    ann.wait_state("bob open", sees("bob", is_muted=False), 3)
