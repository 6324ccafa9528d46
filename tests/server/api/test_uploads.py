"""Pictures, files and voice messages: who may send what, and how it is handed out."""

import asyncio
import os
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from tests.server.harness import Person, ServedWorld, World, dm
from woxly_tui.server import uploads
from woxly_tui.server.db.models import Upload
from woxly_tui.server.store.uploads import known

PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(100)
OGG: Final = b"OggS" + bytes(100)
PAGE: Final = b"<html><script>alert(document.domain)</script></html>"


async def post(
    who: Person,
    path: str,
    body: bytes | None,
    *,
    field: str = "file",
    name: str = "a.png",
    mime: str = "image/png",
    **fields: Any,
) -> httpx.Response:
    return await who.http.post(
        f"/api{path}",
        data={key: str(value) for key, value in fields.items()},
        files=None if body is None else {field: (name, body, mime)},
        headers={"Authorization": f"Bearer {who.access}"},
    )


async def sent(who: Person, path: str, body: bytes, **more: Any) -> dict[str, Any]:
    answer = await post(who, path, body, **more)
    assert answer.status_code == 201, answer.text
    message: dict[str, Any] = answer.json()["message"]
    return message


def on_disk(folder: Path) -> list[str]:
    kept = folder / "uploads"
    return sorted(path.name for path in kept.iterdir()) if kept.is_dir() else []


async def test_a_file_is_a_message_with_name_size_and_link(served: ServedWorld) -> None:
    ann, bob = await served.friends("ann", "bob")
    room = await dm(ann, bob)
    phone = await served.device(bob)
    await phone.ask("join-room", {"roomId": room})
    report = {"name": "Отчёт 1.pdf", "mime": "application/pdf", "roomId": room, "content": "see"}
    message = await sent(ann, "/messages/file", b"%PDF-1.7 x", **report)
    assert message["type"] == "file"
    assert (message["fileName"], message["fileSize"]) == ("Отчёт 1.pdf", 10)
    assert (message["fileMimeType"], message["content"]) == ("application/pdf", "see")
    assert (await phone.hears("new-message"))["fileUrl"] == message["fileUrl"]
    (listed,) = (await bob.ask("GET", "/messages", roomId=room))["messages"]
    assert listed["fileUrl"] == message["fileUrl"]
    got = await served.http.get(message["fileUrl"])
    assert got.content == b"%PDF-1.7 x"
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment; filename*=utf-8''")


async def test_a_picture_is_an_image_and_a_recording_a_voice_message(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    image = await sent(ann, "/messages/file", PNG, mime="text/html", roomId=room)
    assert (image["type"], image["fileMimeType"], image["content"]) == ("image", "image/png", "")
    voice = await sent(
        ann, "/messages/voice", OGG, name="v.ogg", mime="audio/ogg", roomId=room, duration="3.6"
    )
    assert (voice["type"], voice["fileMimeType"], voice["duration"]) == ("voice", "audio/ogg", 4)
    got = await world.http.get(voice["fileUrl"], headers={"Range": "bytes=0-3"})
    assert (got.status_code, got.content) == (206, b"OggS")
    answered = {"roomId": room, "replyToId": voice["id"]}
    assert (await sent(bob, "/messages/file", PNG, **answered))["replyTo"]["id"] == voice["id"]


@pytest.mark.parametrize(
    ("name", "mime"),
    [("x.html", "text/html"), ("x.svg", "image/svg+xml"), ("x.png", "image/png")],
)
async def test_nothing_that_could_run_is_shown_as_a_page(
    world: World, name: str, mime: str
) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    message = await sent(ann, "/messages/file", PAGE, name=name, mime=mime, roomId=room)
    headers = (await world.http.get(message["fileUrl"])).headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


async def test_a_picture_of_oneself_shows_to_friends_and_replaces_the_last(
    served: ServedWorld, tmp_path: Path
) -> None:
    ann, bob = await served.friends("ann", "bob")
    phone = await served.device(bob)
    first = (await post(ann, "/users/me/avatar", PNG, field="avatar")).json()["user"]
    assert set(first) == {"id", "username", "avatarUrl"}
    await phone.hears("friend-profile-updated", avatarUrl=first["avatarUrl"])
    second = (await post(ann, "/users/me/avatar", b"GIF89a" + bytes(9), field="avatar")).json()
    assert (await ann.ask("GET", "/users/me"))["user"]["avatarUrl"] == second["user"]["avatarUrl"]
    assert (await served.http.get(first["avatarUrl"])).status_code == 404
    got = await served.http.get(second["user"]["avatarUrl"])
    assert (got.status_code, got.headers["content-type"]) == (200, "image/gif")
    assert len(on_disk(tmp_path)) == 1


async def test_only_its_owner_gives_a_room_a_picture(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    body = {"type": "GROUP", "name": "crew", "invitedFriends": [bob.id]}
    room = (await ann.ask("POST", "/rooms", body, status=201))["room"]["id"]
    path = f"/rooms/{room}/avatar"
    shown = (await post(ann, path, PNG, field="avatar")).json()["room"]
    assert (await world.http.get(shown["avatarUrl"])).content == PNG
    assert (await post(bob, path, PNG, field="avatar")).status_code == 403
    assert (await post(ann, "/rooms/999/avatar", PNG, field="avatar")).status_code == 404
    assert (await post(ann, "/rooms/x/avatar", PNG, field="avatar")).status_code == 400


@pytest.mark.parametrize(
    ("path", "field", "body", "fields", "status", "error"),
    [
        ("/users/me/avatar", "avatar", PAGE, {}, 400, "Недопустимый тип файла"),
        ("/users/me/avatar", "avatar", b"", {}, 400, "Файл не загружен"),
        ("/users/me/avatar", "avatar", None, {}, 400, "Файл не загружен"),
        ("/users/me/avatar", "file", PNG, {}, 400, "Файл не загружен"),
        ("/users/me/avatar", "avatar", PNG + bytes(5 << 20), {}, 413, "Файл слишком большой"),
        ("/users/me/avatar", "avatar", PNG + bytes(6 << 20), {}, 413, "Слишком большой запрос"),
        ("/messages/voice", "file", PNG, {"roomId": 1}, 400, "Недопустимый тип файла"),
        ("/messages/file", "file", PNG, {}, 400, "roomId обязателен"),
        ("/messages/file", "file", PNG, {"roomId": "x"}, 400, "Неверные данные"),
        ("/messages/file", "file", PNG, {"roomId": "9" * 30}, 400, "Неверные данные"),
        ("/messages/file", "file", PNG, {"roomId": 1, "content": "x" * 2001}, 400, None),
        ("/messages/file", "file", PNG, {"roomId": 999}, 404, "Комната не найдена"),
        ("/messages/voice", "file", OGG, {"roomId": 1, "duration": "nan"}, 400, None),
        ("/messages/voice", "file", OGG, {"roomId": 1, "duration": "-1"}, 400, None),
    ],
)
async def test_what_is_refused_leaves_nothing_behind(
    world: World,
    tmp_path: Path,
    path: str,
    field: str,
    body: bytes | None,
    fields: dict[str, Any],
    status: int,
    error: str | None,
) -> None:
    ann = await world.person("ann")
    answer = await post(ann, path, body, field=field, **fields)
    assert answer.status_code == status, answer.text
    assert error in (None, answer.json()["error"])
    assert on_disk(tmp_path) == []


async def test_nobody_sends_files_into_rooms_of_others(world: World, tmp_path: Path) -> None:
    ann, bob = await world.friends("ann", "bob")
    eve = await world.person("eve")
    room = await dm(ann, bob)
    for path, body in (("/messages/file", PNG), ("/messages/voice", OGG)):
        assert (await post(eve, path, body, roomId=room)).status_code == 403
    assert on_disk(tmp_path) == []
    message = await sent(ann, "/messages/file", PNG, roomId=room)
    foreign = {"roomId": await dm(eve, await world.person("mal")), "replyToId": message["id"]}
    assert (await post(eve, "/messages/file", PNG, **foreign)).status_code == 404


async def test_a_deleted_message_takes_its_file_along(world: World, tmp_path: Path) -> None:
    ann, bob = await world.friends("ann", "bob")
    message = await sent(ann, "/messages/file", PNG, roomId=await dm(ann, bob))
    await ann.ask("DELETE", f"/messages/{message['id']}")
    assert (await world.http.get(message["fileUrl"])).status_code == 404
    assert on_disk(tmp_path) == []


@pytest.mark.parametrize(
    "path",
    [
        "/uploads/..%2F..%2Fsecrets.json/x",
        "/uploads/../secrets.json",
        "/uploads/%2e%2e/secrets.json",
        f"/uploads/{'a' * 32}/x",
        f"/uploads/{'a' * 31}%00/x",
        "/uploads/",
        "/uploads",
    ],
)
async def test_paths_lead_nowhere_else(world: World, path: str) -> None:
    answer = await world.http.get(path)
    assert answer.status_code == 404
    assert "error" in answer.json()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\dir\\a.txt", "a.txt"),
        ('a"b\r\nX: y\x1b[31m.txt', "abX y[31m.txt"),
        ("...", "file.bin"),
        (None, "file.bin"),
        ("x" * 300 + ".tar", "x" * 116 + ".tar"),
        ("\u202egnp.exe", "gnp.exe"),
    ],
)
def test_names_are_cleaned(given: str | None, kept: str) -> None:
    assert uploads.clean_file_name(given, "file.bin") == kept


async def test_nobody_fills_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    await sent(ann, "/messages/file", PNG, roomId=room)
    monkeypatch.setattr(uploads, "KEPT_BYTES", 150)
    full = await post(ann, "/messages/file", PNG, roomId=room)
    assert (full.status_code, full.json()["error"]) == (413, "Место для файлов закончилось")
    await sent(bob, "/messages/file", PNG, roomId=room)
    monkeypatch.undo()
    monkeypatch.setattr(uploads, "SPARE_BYTES", 1 << 60)
    assert (await post(bob, "/users/me/avatar", PNG, field="avatar")).status_code == 503


async def test_bytes_that_no_message_has_are_swept_once_they_are_old(
    world: World, tmp_path: Path
) -> None:
    ann, bob = await world.friends("ann", "bob")
    message = await sent(ann, "/messages/file", PNG, roomId=await dm(ann, bob))
    core, folder = world.server.services, tmp_path / "uploads"
    old = folder / uploads.new_token()
    for path in (old, folder / f"{uploads.new_token()}.part"):
        path.touch()
    for path in folder.iterdir():
        os.utime(path, (1, 1))
    (folder / uploads.new_token()).touch()
    assert await core.uploads.sweep(lambda names: known(core.db, names)) == 2
    assert len(on_disk(tmp_path)) == 2
    assert (await world.http.get(message["fileUrl"])).status_code == 200


async def test_files_sent_at_once_are_all_there(world: World) -> None:
    ann, bob = await world.friends("ann", "bob")
    room = await dm(ann, bob)
    made = await asyncio.gather(
        *(sent(ann, "/messages/file", PNG + bytes([n]), roomId=room) for n in range(10))
    )
    for number, message in enumerate(made):
        assert (await world.http.get(message["fileUrl"])).content == PNG + bytes([number])


def test_a_row_keeps_no_longer_a_name_than_its_column() -> None:
    assert Upload.name.type.length == uploads.MAX_NAME_CHARS
