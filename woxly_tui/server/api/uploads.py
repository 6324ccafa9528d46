"""Pictures, files and voice messages: sent as forms, fetched by addresses nobody guesses."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.datastructures import UploadFile
from starlette.responses import FileResponse

from woxly_tui.server import limiter
from woxly_tui.server import uploads as files
from woxly_tui.server.api.messages import write
from woxly_tui.server.api.users import tell_profile
from woxly_tui.server.db.models import Room, Upload, User
from woxly_tui.server.fields import is_clean
from woxly_tui.server.problems import Problem
from woxly_tui.server.services import Core, Me, Services, limit
from woxly_tui.server.store import rooms, shapes, uploads, users
from woxly_tui.server.texts import Text
from woxly_tui.server.times import now_ms
from woxly_tui.wire import rest
from woxly_tui.wire.events import RoomNamed, ServerEvent
from woxly_tui.wire.words import MAX_ID, MAX_MESSAGE_CHARS, MessageType, RoomType

router: Final = APIRouter(tags=["files"])

MAX_SECONDS: Final = 24 * 3600

_MAX_FIELDS: Final = 8
_MAX_FIELD_BYTES: Final = 16_000

_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cache-control": "private, max-age=3600",
    "cross-origin-resource-policy": "cross-origin",
}
"""Whatever a file holds, it is nothing that runs here; pages of other origins may show it."""


def _form(field: str, **more: str) -> dict[str, Any]:
    """The description of a form with a file in it, which is read by hand."""
    properties: dict[str, Any] = {field: {"type": "string", "format": "binary"}}
    properties |= {name: {"type": kind} for name, kind in more.items()}
    needed = [field, *(["roomId"] if "roomId" in more else [])]
    schema = {"type": "object", "properties": properties, "required": needed}
    return {
        "requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}
    }


_MESSAGE_FORM: Final = {"roomId": "integer", "content": "string", "replyToId": "integer"}


@dataclass(frozen=True, slots=True)
class _Sent:
    """A file that was taken in, and what came with it."""

    row: Upload
    fields: Mapping[str, str]

    def number(self, name: str, most: int = MAX_ID) -> int | None:
        """A whole number in the form."""
        text = self.fields.get(name, "").strip()
        if not text:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 11 and int(text) <= most):
            raise Problem(400, Text.PAYLOAD_INVALID)
        return int(text)

    def seconds(self) -> int | None:
        """How long a recording is, as its sender has it."""
        text = self.fields.get("duration", "").strip()
        try:
            found = float(text) if text else None
        except ValueError:
            raise Problem(400, Text.PAYLOAD_INVALID) from None
        if found is not None and not 0 <= found <= MAX_SECONDS:
            raise Problem(400, Text.PAYLOAD_INVALID)
        return None if found is None else round(found)


@router.post("/api/users/me/avatar", openapi_extra=_form("avatar"))
async def set_avatar(me: Me, request: Request, core: Core) -> rest.AvatarAnswer:
    """A picture of oneself: JPEG, PNG, GIF or WebP, 5 MB at most; friends are told."""
    async with _taken(core, request, me.user_id, files.AVATAR) as sent, core.db.write() as db:
        user = await db.get(User, me.user_id)
        if user is None:
            raise Problem(404, Text.USER_UNKNOWN)
        old = await uploads.drop(db, uploads.token_in(user.avatar_url))
        db.add(sent.row)
        user.avatar_url, user.updated_at = uploads.url_of(sent.row), now_ms()
        friends = await users.friend_ids(db, user.id)
    await _forget(core, old)
    await tell_profile(core, user, friends)
    return rest.AvatarAnswer(user=shapes.nameplate(user))


@router.post("/api/rooms/{room_id}/avatar", openapi_extra=_form("avatar"))
async def set_room_avatar(
    room_id: Annotated[int, Path(ge=1, le=MAX_ID)], me: Me, request: Request, core: Core
) -> rest.RoomAnswer:
    """A picture of a room of one's own."""
    async with core.db.read() as db:
        _check_owner(await db.get(Room, room_id), me.user_id)
    async with _taken(core, request, me.user_id, files.AVATAR) as sent, core.db.write() as db:
        room = _check_owner(await rooms.whole(db, room_id), me.user_id)
        old = await uploads.drop(db, uploads.token_in(room.avatar_url))
        db.add(sent.row)
        room.avatar_url, room.updated_at = uploads.url_of(sent.row), now_ms()
    await _forget(core, old)
    news = RoomNamed(room_id=room.id, name=room.name, type=room.type, by=me.user_id)
    for member in rooms.accepted(room):
        await core.notifier.to_user(member.user_id, ServerEvent.ROOM_UPDATED, news)
    return rest.RoomAnswer(room=shapes.room(room, rooms.accepted(room)))


def _check_owner(room: Room | None, user_id: int) -> Room:
    if room is None:
        raise Problem(404, Text.ROOM_UNKNOWN)
    if room.owner_id != user_id or room.type == RoomType.DM:
        raise Problem(403, Text.ROOM_NO_EDIT)
    return room


@router.post("/api/messages/file", status_code=201, openapi_extra=_form("file", **_MESSAGE_FORM))
async def send_file(me: Me, request: Request, core: Core) -> rest.MessageAnswer:
    """A file to a room, 50 MB at most."""
    async with _taken(core, request, me.user_id, files.FILE) as sent:
        kind = MessageType.IMAGE if sent.row.is_shown else MessageType.FILE
        return rest.MessageAnswer(message=await _write(core, me.user_id, sent, kind))


@router.post(
    "/api/messages/voice",
    status_code=201,
    openapi_extra=_form("file", **_MESSAGE_FORM, duration="number"),
)
async def send_voice(me: Me, request: Request, core: Core) -> rest.MessageAnswer:
    """A voice message to a room: a recording of 10 MB at most."""
    async with _taken(core, request, me.user_id, files.VOICE) as sent:
        sent.row.seconds = sent.seconds()
        return rest.MessageAnswer(message=await _write(core, me.user_id, sent, MessageType.VOICE))


async def _write(core: Services, user_id: int, sent: _Sent, kind: MessageType) -> rest.Message:
    room_id, content = sent.number("roomId"), sent.fields.get("content", "")
    if not room_id:
        raise Problem(400, Text.ROOM_ID_NEEDED)
    if len(content) > MAX_MESSAGE_CHARS or not is_clean(content):
        raise Problem(400, Text.PAYLOAD_INVALID)
    return await write(
        core, room_id, user_id, content, kind.value, sent.number("replyToId"), upload=sent.row
    )


@contextlib.asynccontextmanager
async def _taken(
    core: Services, request: Request, user_id: int, kind: files.Kind
) -> AsyncIterator[_Sent]:
    """Take a file in; what goes wrong in the block takes it out again.

    Raises:
        Problem: 400, there is none or not such a one; 413, it is too large, or too much is kept.
    """
    await limit(core, limiter.UPLOAD, user_id)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise Problem(400, Text.FILE_MISSING)
    form = request.form(max_files=1, max_fields=_MAX_FIELDS, max_part_size=_MAX_FIELD_BYTES)
    async with form as given:
        file = given.get(kind.field)
        if not isinstance(file, UploadFile) or not file.size:
            raise Problem(400, Text.FILE_MISSING)
        row = await _checked(core, file, kind, user_id)
        try:
            await core.uploads.keep(row.id, file.file)
            yield _Sent(row, {name: text for name, text in given.items() if isinstance(text, str)})
        except BaseException:
            await core.uploads.forget(row.id)
            raise


async def _checked(core: Services, file: UploadFile, kind: files.Kind, user_id: int) -> Upload:
    size = file.size or 0
    if size > kind.max_bytes:
        raise Problem(413, Text.FILE_LARGE)
    look = kind.looks(await file.read(files.HEAD_BYTES))
    if look is None and not kind.takes_any:
        raise Problem(400, Text.FILE_TYPE)
    async with core.db.read() as db:
        if await uploads.kept_bytes(db, user_id) + size > files.KEPT_BYTES:
            raise Problem(413, Text.STORAGE_FULL)
    if not await core.uploads.has_room(size):
        raise Problem(503, Text.UNAVAILABLE)
    suffix = "bin" if look is None else look.suffix
    return Upload(
        id=files.new_token(),
        owner_id=user_id,
        name=files.clean_file_name(file.filename, f"file.{suffix}"),
        mime=files.clean_mime(file.content_type) if look is None else look.mime,
        size=size,
        is_shown=look is not None,
        created_at=now_ms(),
    )


async def _forget(core: Services, token: str | None) -> None:
    if token is not None:
        await core.uploads.forget(token)


@router.get("/uploads/{token}/{name}", response_class=FileResponse)
async def fetch(token: str, name: str, core: Core) -> FileResponse:  # noqa: ARG001 - for people
    """A file, for whoever knows its address. Shown only where it was found to be harmless."""
    row = None
    if files.is_token(token):
        async with core.db.read() as db:
            row = await uploads.find(db, token)
    if row is None or not (path := core.uploads.path(token)).is_file():
        raise Problem(404, Text.FILE_UNKNOWN)
    return FileResponse(
        path,
        media_type=row.mime if row.is_shown else files.PLAIN,
        filename=row.name,
        headers=_HEADERS,
        content_disposition_type="inline" if row.is_shown else "attachment",
    )
