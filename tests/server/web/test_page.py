"""What is answered at /j/ and /web/, headers included."""

import gzip
import re
from typing import Final

import pytest

from tests.server.harness import Person, World
from woxly_tui.server.web.client import SCRIPT, ClientMissing
from woxly_tui.server.web.files import FOLDER, page_policy, web_file

EN: Final = {"Accept-Language": "en"}
HTML: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


async def link(ann: Person) -> str:
    body = {"type": "VOICE", "name": "standup"}
    room = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    invite = (await ann.ask("POST", f"/rooms/{room}/invites", {}, status=201))["invite"]
    return f"/j/{invite['code']}"


async def test_a_good_link_opens_the_page_and_any_other_says_so(world: World, ann: Person) -> None:
    good = await world.http.get(await link(ann), headers=HTML)
    bad = await world.http.get("/j/" + "x" * 27, headers=HTML)
    assert (good.status_code, bad.status_code) == (200, 404)
    for answer, view in ((good, "lobby"), (bad, "gone")):
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert f'data-view="{view}"' in answer.text


async def test_programs_are_answered_in_json(world: World, ann: Person) -> None:
    headers = {"Accept": "application/json"} | EN
    good = await world.http.get(await link(ann), headers=headers)
    assert good.json()["room"] == "standup"
    bad = await world.http.get("/j/nothing", headers=headers)
    assert (bad.status_code, set(bad.json())) == (404, {"error"})


async def test_the_page_may_run_its_own_script_and_nothing_else(world: World, ann: Person) -> None:
    answer = await world.http.get(await link(ann), headers=HTML)
    policy = dict(part.split(" ", 1) for part in answer.headers[CSP].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["connect-src"] == "'self' ws://woxly.test:7880 http://woxly.test:7880"
    assert "microphone=(self)" in answer.headers["permissions-policy"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers.get_list("cache-control") == ["no-store"]


CSP: Final = "content-security-policy"


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("", "'self'"),
        ("wss://lk.example", "'self' wss://lk.example https://lk.example"),
        (
            "wss://x.livekit.cloud",
            "'self' wss://x.livekit.cloud https://x.livekit.cloud "
            "wss://*.livekit.cloud https://*.livekit.cloud",
        ),
    ],
)
def test_the_page_connects_to_its_livekit_server_only(url: str, hosts: str) -> None:
    assert page_policy(url).endswith(f"connect-src {hosts}")


async def test_files_are_kept_by_browsers_and_checked_each_time(world: World) -> None:
    first = await world.http.get("/web/page.js")
    assert first.headers["content-type"] == "text/javascript; charset=utf-8"
    assert first.headers.get_list("cache-control") == ["no-cache"]
    again = await world.http.get("/web/page.js", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    plain = await world.http.get("/web/page.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == first.content == (FOLDER / "page.js").read_bytes()


@pytest.mark.parametrize(
    "name",
    ["nothing.js", "join.html", "gone.html", "..%2Fclient.py", "%2e%2e", "page.js%00", "x" * 300],
)
async def test_no_other_file_is_had(world: World, name: str) -> None:
    answer = await world.http.get(f"/web/{name}")
    assert answer.status_code in (400, 404)
    assert "error" in answer.json()


async def test_livekit_client_is_answered_once_it_is_here(world: World) -> None:
    path, script = f"/web/{SCRIPT}", world.server.services.script
    waiting = await world.http.get(path)
    assert (waiting.status_code, waiting.headers["retry-after"]) == (503, "2")
    script.trouble = ClientMissing("there is no npm", "install npm")
    assert (await world.http.get(path)).json() == {"error": "there is no npm"}
    script.file = web_file(SCRIPT, b"var LivekitClient;")
    answer = await world.http.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.content == b"var LivekitClient;"
    assert answer.headers["content-encoding"] == "gzip"
    assert gzip.decompress(script.file.packed) == script.file.body


def test_the_page_holds_no_script_no_style_and_no_foreign_address() -> None:
    page = (FOLDER / "join.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"<style|\sstyle=|\son\w+=", page)
    for path in FOLDER.iterdir():
        text = path.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"\b(?:https?|wss?)://\w", text), path.name
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(", text)


def test_each_part_of_the_page_is_there() -> None:
    page = (FOLDER / "join.html").read_text("utf-8")
    ids = set(re.findall(r'\bid="([\w-]+)"', page))
    for script in FOLDER.glob("*.js"):
        wanted = set(re.findall(r'\bat\("([\w-]+)"\)', script.read_text("utf-8")))
        assert wanted <= ids, script.name
    files = {path.name for path in FOLDER.iterdir()} | {SCRIPT}
    assert set(re.findall(r"\.\./web/([\w.-]+)", page)) <= files
