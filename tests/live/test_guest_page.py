"""The friend on a phone: a link, opened in Chromium, joins a real call on a real server."""

import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.rig.analysis import loudest_dbfs
from tests.rig.peer import Peer
from tests.rig.sfu import LiveKitServer
from tests.rig.web.browser import DESKTOP, PHONE, Browser
from tests.rig.web.participant import Unavailable, fetch_client, find_chromium
from tests.rig.woxly_server import WoxlyServer

pytestmark = pytest.mark.live

SILENCE_DBFS: Final = -60.0
BEEP_DBFS: Final = -30.0
BEEPS_EVERY_S: Final = 1.0
"""How often Chromium's own microphone beeps at the least."""


@pytest.fixture(scope="module")
def script(request: pytest.FixtureRequest) -> str:
    """livekit-client; without it, or a browser, there is nothing to test."""
    try:
        find_chromium()
        return str(fetch_client(request.config.cache.mkdir("livekit-client")))
    except Unavailable as error:
        pytest.skip(str(error))


@pytest.fixture(scope="module")
def server(sfu: LiveKitServer, script: str) -> Iterator[WoxlyServer]:
    with WoxlyServer(sfu, WOXLY_LIVEKIT_CLIENT=script, WOXLY_RATE_LIMITS="off") as server:
        yield server


@pytest.fixture(scope="module")
def browser(server: WoxlyServer) -> Iterator[Browser]:  # noqa: ARG001 - skipped with it
    with Browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def annie(server: WoxlyServer) -> dict[str, Any]:
    return server.person("annie")


@pytest.fixture
def room(server: WoxlyServer, annie: dict[str, Any]) -> int:
    return server.room(annie, "standup")


@pytest.fixture
def bob(sfu: LiveKitServer, room: int) -> Iterator[Peer]:
    """Somebody in the room's call who is no browser, and silent."""
    with Peer(sfu, f"room-{room}", "bob") as bob:
        bob.publish()
        yield bob


Invite = Callable[..., dict[str, Any]]


@pytest.fixture
def invite(server: WoxlyServer, annie: dict[str, Any], room: int) -> Invite:
    return lambda **body: server.invite(annie, room, **body)


def join(browser: Browser, url: str, name: str = "Zoe", button: str = "#join") -> None:
    browser.open(url)
    browser.see("Your name")
    browser.type_into("#name", name)
    browser.click(button)


def in_call(browser: Browser, count: int = 2) -> None:
    text = "Only you are here" if count == 1 else f"{count} people are here"
    browser.see(text, 20)


def guest_of(bob: Peer, since: int = 0) -> str:
    came = bob.wait_for("a guest", lambda m: m["type"] in ("came", "present"), since=since)
    return str(came["identity"])


def loudness(bob: Peer, identity: str, seconds: float = 2 * BEEPS_EVERY_S) -> float:
    began = time.monotonic()
    time.sleep(seconds)
    return loudest_dbfs(bob.heard(identity).between(began, began + seconds))


def row(identity: str) -> str:
    return f"document.querySelector('[data-identity=\"{identity}\"]')"


def test_a_guest_joins_is_heard_mutes_and_leaves(
    browser: Browser, bob: Peer, invite: Invite, sfu: LiveKitServer, room: int
) -> None:
    browser.console.clear()
    join(browser, invite()["url"])
    in_call(browser)
    guest = guest_of(bob)
    assert guest.startswith("guest-")
    assert sfu.ask("ListParticipants", room=f"room-{room}")["participants"]
    bob.wait_for("their track", lambda m: m["type"] == "track" and m["identity"] == guest)
    assert loudness(bob, guest) > BEEP_DBFS, "the beep did not come through"

    since = len(bob.messages)
    browser.click("#mute")
    bob.wait_for("mute", lambda m: m["type"] == "mute" and m["on"] is True, since=since)
    browser.see("Unmute")
    browser.wait(f"{row(guest)}.innerText.includes('muted')")
    time.sleep(0.3)  # what was on its way
    assert loudness(bob, guest) < SILENCE_DBFS, "muted, and something was heard"

    since = len(bob.messages)
    browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'm'}))")
    bob.wait_for("unmute", lambda m: m["type"] == "mute" and m["on"] is False, since=since)
    assert loudness(bob, guest) > BEEP_DBFS, "unmuted, and nothing was heard"

    browser.click("#leave")
    bob.wait_for("their leaving", lambda m: m["type"] == "went" and m["identity"] == guest)
    browser.see("You left the call.")
    assert browser.console == []


def test_the_page_shows_who_is_muted_deafened_and_gone(
    browser: Browser, bob: Peer, invite: Invite, sfu: LiveKitServer, room: int
) -> None:
    join(browser, invite()["url"])
    in_call(browser)
    theirs = row("bob")
    browser.wait(f"{theirs}.innerText.trim() === 'bob'")
    bob.do(mute=True)
    browser.wait(f"{theirs}.innerText.includes('muted')")
    sfu.ask(
        "UpdateParticipant",
        room=f"room-{room}",
        identity="bob",
        attributes={"voice.deafened": "1"},
    )
    browser.wait(f"{theirs}.innerText.includes('muted, deafened')")
    bob.do(mute=False)
    bob.send({"leave": True})
    browser.see("Only you are here")
    assert browser.run(f"{theirs} === null")


def test_a_level_moves_while_somebody_talks(browser: Browser, bob: Peer, invite: Invite) -> None:
    join(browser, invite()["url"])
    in_call(browser)
    own = "document.querySelector('#people li .meter i').style.transform"
    browser.wait(f"Number({own}.slice(7, -1)) > 0.2")
    browser.click("#mute")
    browser.wait(f"Number({own}.slice(7, -1)) < 0.05")
    assert guest_of(bob)


def test_what_is_written_is_shown_as_text(browser: Browser, bob: Peer, invite: Invite) -> None:
    join(browser, invite()["url"])
    in_call(browser)
    assert not browser.run("document.querySelector('#said').checkVisibility()")
    bob.do(say="push that branch?\n<img src=x onerror=document.title='gone'>")
    browser.see("push that branch?")
    browser.see("<img src=x")
    said = "document.querySelector('#said')"
    assert browser.run(f"{said}.querySelectorAll('img').length") == 0
    assert browser.run(f"{said}.querySelector('.by').textContent") == "bob"
    bob.do(say="x" * 20_000)
    browser.wait(f"{said}.lastElementChild.textContent.endsWith('x…')")
    for number in range(110):
        bob.do(say=f"line {number}")
    browser.see("line 109")
    assert browser.run(f"{said}.children.length") == 100
    assert browser.run("document.title") == "standup · woxly"


def test_names_are_text_and_nothing_else(
    browser: Browser, invite: Invite, sfu: LiveKitServer, room: int
) -> None:
    markup = "<img src=x onerror=document.title='gone'><script>document.title='gone'</script>"
    with Peer(sfu, f"room-{room}", markup):
        join(browser, invite()["url"], markup)
        in_call(browser)
        browser.see(markup)
        assert browser.run("document.querySelectorAll('#people img, #people script').length") == 0
        assert browser.run("document.title") == "standup · woxly"


def test_one_use_is_enough_for_leaving_reloading_and_coming_back(
    browser: Browser, bob: Peer, invite: Invite
) -> None:
    link = invite(maxUses=1)
    join(browser, link["url"])
    in_call(browser)
    guest = guest_of(bob)
    browser.click("#leave")
    browser.click("#again")
    since = len(bob.messages)
    browser.click("#join")
    in_call(browser)
    assert guest_of(bob, since) == guest
    browser.reload()
    browser.see("You have joined this call before")
    assert browser.run("document.querySelector('#name').value") == "Zoe"
    browser.click("#join")
    in_call(browser)
    with Browser() as other:
        other.open(link["url"])
        other.see("This link no longer works")


def test_a_guest_of_a_withdrawn_invite_is_sent_out_and_stays_out(
    browser: Browser, server: WoxlyServer, annie: dict[str, Any], bob: Peer, invite: Invite
) -> None:
    link = invite()
    join(browser, link["url"])
    in_call(browser)
    guest = guest_of(bob)
    server.withdraw(annie, link)
    browser.see("You were sent out of the call.")
    bob.wait_for("their leaving", lambda m: m["type"] == "went" and m["identity"] == guest)
    browser.click("#again")
    browser.click("#join")
    browser.see("This link no longer works")


def test_a_second_window_takes_the_place_of_the_first(
    browser: Browser, bob: Peer, invite: Invite, sfu: LiveKitServer, room: int
) -> None:
    join(browser, invite()["url"])
    in_call(browser)
    with Peer(sfu, f"room-{room}", guest_of(bob)):
        browser.see("You joined from another window or device")


@pytest.mark.parametrize("code", ["x" * 27, "expired", "%3Cscript%3E"])
def test_a_link_of_no_use_says_so_and_nothing_more(
    browser: Browser, server: WoxlyServer, code: str
) -> None:
    browser.open(f"{server.url}/j/{code}")
    browser.see("This link no longer works")
    assert not browser.run("document.querySelector('#join').checkVisibility()")


def test_without_permission_the_page_says_what_to_do_and_lets_one_listen(
    bob: Peer,
    invite: Invite,
) -> None:
    with Browser(allows_microphone=False) as browser:
        join(browser, invite(maxUses=1)["url"])
        browser.see("The microphone is not allowed for this page.")
        browser.click("#listen")
        in_call(browser)
        guest = guest_of(bob)
        browser.wait(f"{row(guest)}.innerText.includes('no microphone')")
        assert not browser.run("document.querySelector('#mute').checkVisibility()")
        assert not [m for m in bob.messages if m["type"] == "published"]


def test_over_plain_http_the_page_says_why_there_is_no_microphone(
    bob: Peer, invite: Invite
) -> None:
    with Browser("--host-resolver-rules=MAP friend.test 127.0.0.1") as browser:
        url = invite()["url"].replace("127.0.0.1", "friend.test")
        browser.open(url)
        browser.see("Browsers give a page the microphone only over https")
        browser.see(f"woxly join {url}")
        join(browser, url, button="#listen")
        in_call(browser)
        assert guest_of(bob)


def test_a_lost_server_for_sound_is_said_and_returned_to(
    own_sfu: LiveKitServer, script: str
) -> None:
    with WoxlyServer(own_sfu, WOXLY_LIVEKIT_CLIENT=script) as server, Browser() as browser:
        annie = server.person("annie")
        room = server.room(annie, "standup")
        join(browser, server.invite(annie, room)["url"])
        in_call(browser, 1)
        own_sfu.kill()
        browser.see("The connection was lost.")
        own_sfu.start()
        browser.wait("document.querySelector('#status').hidden", 60)
        in_call(browser, 1)
        own_sfu.wait_identities(
            f"room-{room}", {browser.run("document.querySelector('#people li').dataset.identity")}
        )


def test_without_livekit_client_the_page_and_the_server_say_so(sfu: LiveKitServer) -> None:
    with (
        WoxlyServer(sfu, WOXLY_LIVEKIT_CLIENT="/nowhere/client.js") as server,
        Browser() as browser,
    ):
        annie = server.person("annie")
        link = server.invite(annie, server.room(annie, "standup"), maxUses=1)
        join(browser, link["url"])
        browser.see("WOXLY_LIVEKIT_CLIENT names /nowhere/client.js, which cannot be read")
        assert any("invitations open no call in browsers" in line for line in server.garbage)
        assert any("install npm" in line for line in server.garbage)
        answer = server.http.get(f"/invites/{link['code']}")
        assert answer.status_code == 200, "the use was lost"


def test_woxly_serve_invite_prints_a_link_that_opens(
    server: WoxlyServer, browser: Browser, bob: Peer, room: int
) -> None:
    url = server.run("invite", str(room), "--uses", "1", "--expires", "30m").strip()
    assert url.startswith(f"{server.url.replace('127.0.0.1', 'localhost')}/j/")
    join(browser, url)
    in_call(browser)
    assert guest_of(bob).startswith("guest-")


@pytest.mark.parametrize("size", [(320, 568), PHONE, DESKTOP, (844, 390)])
def test_the_page_fits_every_screen(
    browser: Browser, invite: Invite, sfu: LiveKitServer, room: int, size: tuple[int, int]
) -> None:
    with Peer(sfu, f"room-{room}", "a-name-that-goes-on-and-on-" * 4):
        join(browser, invite()["url"], "W" * 64)
        in_call(browser)
        browser.picture(size)
        assert browser.run("document.documentElement.scrollWidth <= innerWidth")
        assert browser.run("document.querySelector('#mute').getBoundingClientRect().height") >= 44
