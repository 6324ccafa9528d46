"""What front ends ask of the lobby, carried out over REST and socket. No rings.

Loads httpx, as `lobby_session` does.
"""

import asyncio
import logging
from typing import Final

from woxly_tui.control import lobby as ask
from woxly_tui.engine.lobby_session import LobbySession
from woxly_tui.errors import LobbyRefused, ServerUnreachable, UsageError, WoxlyError
from woxly_tui.lobby import files, history, messages, people, rooms
from woxly_tui.lobby.book import Part, with_all_seen, with_page, with_read
from woxly_tui.social.model import Presence
from woxly_tui.types import MessageId, RoomId, RoomKind
from woxly_tui.wire.events import ClientEvent
from woxly_tui.wire.words import MAX_MESSAGE_CHARS, MAX_NOTE_CHARS

CONFIRM_S: Final = 3.0
"""How long a message to a server without acknowledgements may take to come back."""

MAX_OPEN: Final = 16
"""Rooms whose messages are kept; the one opened longest ago is forgotten."""

_LOOK_EVERY_S: Final = 0.05

_log = logging.getLogger(__name__)


async def carry_out(session: LobbySession, command: ask.LobbyCommand) -> None:
    """Do what was asked for.

    Raises:
        WoxlyError: It cannot be done, in the server's words.
    """
    match command:
        case ask.RefreshLobby():
            session.want(Part)
            session.socket.hurry()
        case ask.MarkCallsSeen():
            session.change(with_all_seen)
            await history.mark_seen(session.me)
        case ask.SetPresence(presence=presence):
            await set_presence(session, presence)
        case ask.AddFriend() | ask.AnswerRequest() | ask.RemoveFriend() | ask.BlockUser():
            await _befriend(session, command)
        case ask.SetNote(user=user, note=note):
            await people.set_note(session.me, user, note[:MAX_NOTE_CHARS])
            session.want((Part.FRIENDS,))
        case ask.CreateRoom() | ask.LeaveRoom():
            await _keep_rooms(session, command)
        case ask.OpenRoom() | ask.LoadOlder() | ask.MarkRead() | ask.SetTyping():
            await _read(session, command)
        case ask.SendMessage() | ask.EditMessage() | ask.DeleteMessage() | ask.React():
            await _write(session, command)
        case _:
            raise UsageError("this engine cannot do that")


async def save_attachment(session: LobbySession, command: ask.SaveAttachment) -> str:
    """Fetch the file of a message into the downloads folder; returns where it is.

    Raises:
        WoxlyError: It cannot be had.
    """
    import platformdirs

    thread = session.book.threads.get(command.room)
    found = (one for one in thread.messages if one.message == command.message) if thread else ()
    message = next(iter(found), None)
    if message is None or message.attachment is None:
        raise UsageError("there is no such file", "open the room first")
    folder = platformdirs.user_downloads_path()
    return str(await files.save(session.me, message.attachment, folder))


async def find_people(session: LobbySession, query: str) -> ask.PeopleFound:
    """Who has that in their name, or as their Woxly id."""
    try:
        found = await people.search(session.me, query.strip())
    except WoxlyError as error:
        return ask.PeopleFound(query, (), str(error))
    return ask.PeopleFound(query, tuple(found))


async def set_presence(session: LobbySession, presence: Presence) -> None:
    """Let friends see it; dnd is ours alone, and looks busy to them."""
    session.mark(presence)
    shown = Presence.BUSY if presence is Presence.DND else presence
    saying = (ClientEvent.STATUS_CHANGE, {"status": shown.value})
    if not (await session.say(saying)).is_sent and session.is_online:
        raise ServerUnreachable("the server did not take the status", "try again")


async def _befriend(
    session: LobbySession,
    command: ask.AddFriend | ask.AnswerRequest | ask.RemoveFriend | ask.BlockUser,
) -> None:
    me = session.me
    match command:
        case ask.AddFriend(user=user):
            await people.ask_to_be_friends(me, user)
        case ask.AnswerRequest(friendship=number, accept=accept):
            await (people.accept(me, number) if accept else people.decline(me, number))
        case ask.RemoveFriend(user=user):
            await people.remove(me, user)
        case ask.BlockUser(user=user):
            await people.block(me, user)
    session.want((Part.FRIENDS, Part.REQUESTS))


async def _keep_rooms(session: LobbySession, command: ask.CreateRoom | ask.LeaveRoom) -> None:
    if isinstance(command, ask.LeaveRoom):
        await rooms.leave(session.me, command.room)
        session.forget_thread(command.room)
    elif command.kind is RoomKind.VOICE:
        await rooms.make_voice(session.me, command.name, command.members)
    elif command.kind is RoomKind.DM and len(command.members) == 1:
        await rooms.dm_with(session.me, command.members[0])
    else:
        raise UsageError("a group is made by calling it", "make a voice room, or call a group")
    session.want((Part.ROOMS,))


async def _read(
    session: LobbySession, command: ask.OpenRoom | ask.LoadOlder | ask.MarkRead | ask.SetTyping
) -> None:
    room = command.room
    match command:
        case ask.OpenRoom():
            await _enter(session, room)
            page = await messages.page_of(session.me, room)
            for oldest in list(session.book.threads)[: 1 - MAX_OPEN]:
                session.forget_thread(oldest)
            session.change(lambda book: with_page(book, page))
        case ask.LoadOlder():
            known = session.book.threads.get(room)
            offset = 0 if known is None else len(known.messages)
            older = await messages.page_of(session.me, room, offset=offset)
            session.change(lambda book: with_page(book, older))
        case ask.MarkRead():
            session.change(lambda book: with_read(book, room))
            await messages.mark_read(session.me, room)
        case ask.SetTyping(on=on):
            await session.say((ClientEvent.TYPING_START, {"roomId": room, "isTyping": on}))


async def _enter(session: LobbySession, room: RoomId) -> None:
    """Whoever is only invited may not read; opening a room accepts the invitation."""
    known = session.book.room(room)
    if known is not None and known.is_invited:
        await rooms.join(session.me, room)
        session.want((Part.ROOMS,))


async def _write(
    session: LobbySession,
    command: ask.SendMessage | ask.EditMessage | ask.DeleteMessage | ask.React,
) -> None:
    room = command.room
    match command:
        case ask.SendMessage(text=text, reply_to=reply_to):
            await say(session, room, text, reply_to)
            return
        case ask.EditMessage(message=message, text=text):
            await messages.edit(session.me, message, text)
        case ask.DeleteMessage(message=message):
            await messages.delete(session.me, message)
        case ask.React(message=message, emoji=emoji):
            await messages.react(session.me, message, emoji)
    if not session.acks and room in session.book.threads:
        await session.reload(room)  # the public server tells nobody, us included


async def say(
    session: LobbySession, room: RoomId, text: str, reply_to: MessageId | None = None
) -> None:
    """Write to a room.

    Raises:
        WoxlyError: It was not sent, or nobody knows whether it was.
    """
    if session.acks:
        await messages.write(session.me, room, text, reply_to)
        return
    # Over REST, the public server would keep it from everybody who is there.
    text = text.strip()
    if not text or len(text) > MAX_MESSAGE_CHARS:
        raise LobbyRefused(f"a message has 1 to {MAX_MESSAGE_CHARS} characters")
    payload: dict[str, object] = {"roomId": room, "content": text}
    if reply_to is not None:
        payload["replyToId"] = reply_to
    seen = _newest_of_ours(session, room)
    await session.follow(room)
    if not (await session.say((ClientEvent.SEND_MESSAGE, payload))).is_sent:
        raise ServerUnreachable("the message was not sent: there is no link", "send it again")
    loop = asyncio.get_running_loop()
    until = loop.time() + CONFIRM_S
    while _newest_of_ours(session, room) == seen:
        if loop.time() > until:
            raise ServerUnreachable(
                "the message may not have been sent: the server did not show it to us",
                "look whether it appears before you send it again",
            )
        await asyncio.sleep(_LOOK_EVERY_S)


def _newest_of_ours(session: LobbySession, room: RoomId) -> MessageId | None:
    return session.own_messages.get(room)
