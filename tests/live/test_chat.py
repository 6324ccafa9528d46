"""The chat of a room, shared with a browser and with a participant of the plain SDK."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Final

import pytest

from tests.rig.process import Message
from tests.rig.pulse import SoundServer
from tests.rig.scene import Scene
from tests.rig.sfu import LiveKitServer
from tests.rig.web.participant import Unavailable, WebParticipant, fetch_client, find_chromium
from tests.rig.woxly import Woxly, is_established, is_reconnecting
from woxly_tui._lib.text import MAX_TEXT_BYTES

pytestmark = pytest.mark.live

HOSTILE: Final = "\x1b[31mred\x1b[0m \u202eevil\u202c\n[b]漢字[/b] 👍"
HARMLESS: Final = "red evil\n[b]漢字[/b] 👍"


def chat(identity: str, text: str) -> Callable[[Message], bool]:
    """A message of somebody, as a front end or the other side tells it."""

    def is_it(message: Message) -> bool:
        is_chat = message["type"] in ("chat", "chat_message")
        return is_chat and message["identity"] == identity and message["text"] == text

    return is_it


@pytest.fixture
def ann(scene: Scene) -> Iterator[Woxly]:
    """In the call, without devices."""
    ann = scene.woxly("ann", devices=False)
    ann.wait_state("the call", is_established, 20)
    yield ann
    ann.finish()


def test_a_peer_of_the_plain_sdk_reads_and_is_read(scene: Scene, ann: Woxly) -> None:
    peer = scene.peer("bob")
    ann.wait_state("bob", lambda s: len(s["participants"]) == 2)
    ann.ask("send_chat", text=HOSTILE)
    peer.wait_for("ann's words", chat("ann", HARMLESS))
    ours = ann.wait_for("our own words", chat("ann", HARMLESS))
    assert ours["is_local"]
    peer.do(say=HOSTILE)
    theirs = ann.wait_for("bob's words", chat("bob", HARMLESS))
    assert theirs["number"] == ours["number"] + 1
    assert abs(theirs["sent_at"] - time.time()) < 60
    peer.do(legacy="from the past")
    ann.wait_for("the packet", chat("bob", "from the past"))


def test_long_and_endless_messages_are_cut(scene: Scene, ann: Woxly) -> None:
    peer = scene.peer("bob")
    ann.wait_state("bob", lambda s: len(s["participants"]) == 2)
    peer.do(begin="half a sentence")
    peer.do(say="x" * 200_000)
    peer.do(say="y" * 5_000_000)
    peer.do(say="short again")
    ann.wait_for("the short one", chat("bob", "short again"))
    texts = [m["text"] for m in ann.messages if m["type"] == "chat_message"]
    assert "x" * (MAX_TEXT_BYTES - 3) + "…" in texts
    assert max(len(text.encode()) for text in texts) == MAX_TEXT_BYTES
    assert any("too long" in text for text in texts)
    ann.wait_for("what came of the endless one", chat("bob", "half a sentence…"), 20)


def test_a_flood_is_stemmed_and_the_call_goes_on(scene: Scene, ann: Woxly) -> None:
    peer = scene.peer("bob")
    ann.wait_state("bob", lambda s: len(s["participants"]) == 2)
    for number in range(100):
        peer.do(say=f"spam {number}")
    ann.wait_for("a notice", lambda m: m["type"] == "notice" and "bob writes more" in m["text"])
    # Those taken before are still read when the first is refused.
    ann.wait_for("a whole burst", chat("bob", "spam 19"))
    ann.ask("send_chat", text="please stop")
    peer.wait_for("ann's words", chat("ann", "please stop"))
    spam = [m for m in ann.messages if m["type"] == "chat_message"]
    assert 20 <= len(spam) < 50


def test_a_token_without_the_right_to_send_data_says_so(scene: Scene, sfu: LiveKitServer) -> None:
    token = sfu.token(scene.room, "ann", canPublishData=False)
    ann = scene.woxly("ann", devices=False, token=token)
    ann.wait_state("the call", is_established, 20)
    ann.send({"type": "send_chat", "text": "hello"})
    reply = ann.wait_for("a refusal", lambda m: m["type"] == "reply")
    assert not reply["ok"]
    assert "may not write" in reply["error"]
    ann.finish()


def test_the_chat_goes_on_after_a_reconnect_and_a_new_worker(scene: Scene, ann: Woxly) -> None:
    peer = scene.peer("bob")
    ann.wait_state("bob", lambda s: len(s["participants"]) == 2)
    ann.ask("drill", scenario="full_reconnect")
    ann.wait_for("the interruption", lambda m: m["type"] == "snapshot" and is_reconnecting(m))
    ann.wait_state("the call again", is_established, 20)
    peer.do(say="after the drill")
    ann.wait_for("bob's words", chat("bob", "after the drill"))
    ann.ask("send_chat", text="here again")
    peer.wait_for("ann's words", chat("ann", "here again"))


@pytest.fixture(scope="module")
def web(
    request: pytest.FixtureRequest, sfu: LiveKitServer, sound: SoundServer
) -> Iterator[tuple[Woxly, WebParticipant]]:
    """ann in woxly, bob in a browser."""
    try:
        find_chromium()
        script = fetch_client(request.config.cache.mkdir("livekit-client"))
    except Unavailable as error:
        pytest.skip(str(error))
    with ExitStack() as stack:
        scene = stack.enter_context(Scene(sfu, sound))
        ann = scene.woxly("ann", devices=False)
        env = sound.people["bob"].env
        browser = stack.enter_context(
            WebParticipant(sfu, scene.room, "bob", env, hz=440, script=script)
        )
        browser.wait_for("join", lambda r: r["type"] == "joined", 40)
        ann.wait_state("bob", lambda s: len(s["participants"]) == 2, 20)
        yield ann, browser
        ann.finish()


def test_a_browser_reads_what_we_write(web: tuple[Woxly, WebParticipant]) -> None:
    ann, browser = web
    ann.ask("send_chat", text="grüße\n漢字 👍")
    browser.wait_for("ann's words", chat("ann", "grüße\n漢字 👍"))
    long = "long " * 3000
    ann.ask("send_chat", text=long)
    browser.wait_for("a long text", chat("ann", long.strip()))


def test_we_read_what_a_browser_writes_and_only_once(web: tuple[Woxly, WebParticipant]) -> None:
    ann, browser = web
    browser.do("say hello from the web")
    ann.wait_for("bob's words", chat("bob", "hello from the web"))
    browser.do("say and again")
    ann.wait_for("bob's words", chat("bob", "and again"))
    said = [m["text"] for m in ann.messages if m["type"] == "chat_message"]
    assert said.count("hello from the web") == 1


def test_broken_letters_and_files_of_a_browser_do_no_harm(
    web: tuple[Woxly, WebParticipant],
) -> None:
    ann, browser = web
    browser.do("garble")
    browser.do("attach look")
    ann.wait_for(
        "the text beside the file", chat("bob", "look\n(with a file, which woxly cannot show)")
    )
    browser.do("say still here")
    ann.wait_for("bob's words", chat("bob", "still here"))
