"""The messages of a room, laid out in rows of a given width. No widget, no clock of its own.

RoomMessages ──take──► MessageLog ──visible(width, height)──► the rows to draw, newest last
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.control.lobby import RoomMessages
from woxly_tui.social.model import MessageKind, Person, RoomMessage
from woxly_tui.tui.chat_log import harmless, wrap_line
from woxly_tui.tui.links import Link, find_links
from woxly_tui.tui.lobby_words import shown, size_words
from woxly_tui.tui.text import clip, elapsed
from woxly_tui.types import MessageId, RoomId, Seconds, UserId

FOLDED_ROWS: Final = 20
"""Rows of a long message that are shown until it is unfolded."""

UNFOLDED_ROWS: Final = 1000

_REACTIONS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One row. Name and time stand on the first one of a message only."""

    text: str
    message: MessageId | None = None
    kind: str = "text"
    """Names its look: text, quiet, reply, file or day."""
    links: tuple[Link, ...] = ()
    """Indices are those of `text`."""
    name: str = ""
    time: str = ""
    is_local: bool = False


class MessageLog:
    """What was said in a room, how far it is scrolled back, and which message is chosen.

    Args:
        name_of: The name of a user, harmless.
    """

    def __init__(self, name_of: Callable[[UserId | None], str]) -> None:
        self._name_of = name_of
        self._messages: tuple[RoomMessage, ...] = ()
        self._own_id: UserId | None = None
        self._rows: dict[RoomMessage, list[MessageRow]] = {}
        self._days: frozenset[MessageId] = frozenset()
        self._unfolded: frozenset[MessageId] = frozenset()
        self._width = 0
        self.has_older = False
        self.is_loaded = False
        self.scrolled = 0
        """Rows hidden below the bottom of the view; 0 follows what is said."""
        self.unseen = 0
        """Messages that came below the bottom of the view."""
        self._choice: MessageId | None = None

    @property
    def messages(self) -> tuple[RoomMessage, ...]:
        return self._messages

    @property
    def chosen(self) -> RoomMessage | None:
        """The message that keys are about."""
        return next((one for one in self._messages if one.message == self._choice), None)

    def take(self, update: RoomMessages, own_id: UserId | None) -> int:
        """Show these in place of those before; returns how many of them are new and of others."""
        before = self._messages
        last = max((one.message for one in before), default=MessageId(0))
        self._messages, self._own_id = update.messages, own_id
        self.has_older = update.has_older
        fresh = [m for m in update.messages if m.message > last] if self.is_loaded else []
        self.is_loaded = True
        days, self._days = self._days, _first_of_days(self._messages)
        kept = {
            one for one in self._messages if (one.message in days) == (one.message in self._days)
        }
        self._rows = {one: rows for one, rows in self._rows.items() if one in kept}
        if any(m.sender.user == own_id for m in fresh):
            self.to_end()
        elif self.scrolled and self._width:
            self.unseen += len(fresh)
            self.scrolled += sum(len(self._rows_of(message)) for message in fresh)
        if self.chosen is None:
            self._choice = None
        return sum(m.sender.user != own_id for m in fresh)

    def to_end(self) -> None:
        """Follow what is said."""
        self.scrolled = self.unseen = 0

    def let_go(self) -> None:
        """Choose none."""
        self._choice = None

    # Moving

    def scroll(self, rows: int, height: int) -> bool:
        """Go back by so many rows, or forward by a negative number; returns whether it moved."""
        before = self.scrolled
        most = max(0, self._count() - height)
        self.scrolled = min(max(0, self.scrolled + rows), most)
        if not self.scrolled:
            self.unseen = 0
        return self.scrolled != before

    def is_at_top(self, height: int) -> bool:
        """Whether the oldest row is in view."""
        return self.scrolled + height >= self._count()

    def _count(self) -> int:
        return sum(len(self._rows_of(message)) for message in self._messages)

    def choose(self, steps: int, height: int) -> bool:
        """Choose the message so many below, or above where negative; the newest at first.

        Returns:
            Whether there was one.
        """
        if not self._messages:
            return False
        at = next((i for i, one in enumerate(self._messages) if one.message == self._choice), None)
        last = len(self._messages) - 1
        wanted = last if at is None else at + steps
        self._choice = self._messages[min(max(wanted, 0), last)].message
        self._reveal(height)
        return 0 <= wanted <= last

    def choose_row(self, message: MessageId | None) -> None:
        """Choose the message of a row that was clicked."""
        self._choice = message

    def _reveal(self, height: int) -> None:
        below = 0
        for message in reversed(self._messages):
            rows = len(self._rows_of(message))
            if message.message == self._choice:
                # Its end, unless it is higher than the view: then its beginning.
                low, high = below, below + min(rows, height)
                self.scrolled = min(max(self.scrolled, high - height), low)
                return
            below += rows

    def fold(self) -> bool:
        """Show all of the chosen message, or a few rows; returns whether that is a difference."""
        chosen = self.chosen
        if chosen is None or len(self._rows_of(chosen)) <= FOLDED_ROWS:
            return False
        self._unfolded ^= {chosen.message}
        self._rows.pop(chosen, None)
        return True

    # Laying out

    def visible(self, width: int, height: int) -> list[MessageRow]:
        """The rows of the view, at most `height` of them, each in at most `width` cells."""
        if width != self._width:
            self._rows.clear()
            self._width = width
        self.scrolled = min(self.scrolled, max(0, self._count() - height))
        rows: list[MessageRow] = []
        for message in reversed(self._messages):
            rows = self._rows_of(message) + rows
            if len(rows) >= self.scrolled + height:
                break
        end = max(0, len(rows) - self.scrolled)
        return rows[max(0, end - height) : end]

    def _rows_of(self, message: RoomMessage) -> list[MessageRow]:
        if message not in self._rows:
            self._rows[message] = self._laid_out(message)
        return self._rows[message]

    def _laid_out(self, message: RoomMessage) -> list[MessageRow]:
        width = max(1, self._width)
        is_local = message.sender.user == self._own_id
        body = [*self._body(message, width)]
        limit = UNFOLDED_ROWS if message.message in self._unfolded else FOLDED_ROWS
        if len(body) > limit:
            more = f"… {len(body) - limit + 1} more rows: choose it, then Enter"
            body[limit - 1 :] = [MessageRow(clip(more, width), kind="quiet")]
        body += _reactions(message, self._own_id, width)
        then = time.localtime(message.sent_at)
        name = "you" if is_local else shown(message.sender.name) or "?"
        if message.kind is MessageKind.SYSTEM:
            name = ""
        first, *rest = body or [MessageRow("")]
        rows = [
            _of(first, message, name=name, time=time.strftime("%H:%M", then), is_local=is_local),
            *(_of(row, message, is_local=is_local) for row in rest),
        ]
        if message.message in self._days:
            rows.insert(0, MessageRow(time.strftime("%A %d %B %Y", then), kind="day"))
        return rows

    def _body(self, message: RoomMessage, width: int) -> list[MessageRow]:
        if message.is_deleted:
            return [MessageRow(clip("deleted", width), kind="quiet")]
        rows = []
        if message.reply_to is not None:
            said = shown(message.reply_text) or "a message"
            rows.append(MessageRow(clip(f"┌ {said}", width), kind="reply"))
        kind = "quiet" if message.kind is MessageKind.SYSTEM else "text"
        text = message.text + (" (edited)" if message.is_edited and message.text else "")
        # No more is laid out than can be shown, however long it is.
        for line in text.split("\n", UNFOLDED_ROWS)[: UNFOLDED_ROWS + 1] if text else ():
            pieces = wrap_line(harmless(line), width)
            rows += [MessageRow(piece, kind=kind, links=links) for piece, links in pieces]
            if len(rows) > UNFOLDED_ROWS:
                break
        return rows + _attachment_rows(message, width)


def guest_message(room: RoomId, said: ChatMessage) -> RoomMessage:
    """What a guest of a call said, as if in its room; its number is none of the server's."""
    who = Person(UserId(0), said.name)
    return RoomMessage(MessageId(-said.number), room, who, said.text, said.sent_at)


def with_guests(update: RoomMessages, guests: tuple[RoomMessage, ...]) -> RoomMessages:
    """The messages of a room, and what guests of its call said between them."""
    here = tuple(one for one in guests if one.room == update.room)
    if not here:
        return update
    return replace(update, messages=tuple(sorted((*update.messages, *here), key=_sent_at)))


def _sent_at(message: RoomMessage) -> Seconds:
    return message.sent_at


def _of(
    row: MessageRow, message: RoomMessage, *, name: str = "", time: str = "", is_local: bool
) -> MessageRow:
    return MessageRow(row.text, message.message, row.kind, row.links, name, time, is_local)


def _attachment_rows(message: RoomMessage, width: int) -> list[MessageRow]:
    file = message.attachment
    if file is None:
        return []
    name = shown(file.name) or "without a name"
    size = size_words(file.size_bytes) if file.size_bytes > 0 else ""
    if message.kind is MessageKind.VOICE:
        parts = ["voice message", elapsed(file.seconds) if file.seconds is not None else "", size]
    else:
        kind = "picture" if message.kind is MessageKind.IMAGE else "file"
        parts = [f"{kind} {name}", size]
    rows = [MessageRow(clip(", ".join(part for part in parts if part), width), kind="file")]
    url = shown(file.url)
    if url:
        for piece, links in wrap_line(url, width)[:2]:
            rows.append(MessageRow(piece, kind="quiet", links=links or _whole(url, piece)))
    return rows


def _whole(url: str, piece: str) -> tuple[Link, ...]:
    links = find_links(url)
    return (Link(0, len(piece), links[0].target),) if links and piece else ()


def _reactions(message: RoomMessage, own_id: UserId | None, width: int) -> list[MessageRow]:
    found = [
        f"{shown(one.emoji)} {len(one.users)}{' (you)' if own_id in one.users else ''}"
        for one in message.reactions[:_REACTIONS_SHOWN]
        if one.users
    ]
    return [MessageRow(clip("   ".join(found), width), kind="quiet")] if found else []


def _first_of_days(messages: tuple[RoomMessage, ...]) -> frozenset[MessageId]:
    days = [(time.localtime(one.sent_at)[:3], one.message) for one in messages]
    return frozenset(
        [message for _, message in days[:1]]
        + [message for (before, _), (day, message) in pairwise(days) if day != before]
    )
