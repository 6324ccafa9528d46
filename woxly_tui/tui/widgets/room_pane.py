"""The messages of a room, and a line to write in: in the lobby, and beside its call.

RoomMessages ──hear──► MessageLog ──► MessageLines        Enter ──► ask ──► engine
                                                               └── not sent: back into the line
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from woxly_tui._lib.clock import Clock
from woxly_tui._lib.text import clean_lines, is_too_long
from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.control.lobby import (
    EditMessage,
    LinkState,
    LoadOlder,
    LobbyCommand,
    MarkRead,
    OpenRoom,
    RoomMessages,
    SendMessage,
    SetTyping,
)
from woxly_tui.control.messages import MAX_CHAT_BYTES
from woxly_tui.social.model import Person, RoomMessage
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import KIND_WORDS, shown
from woxly_tui.tui.message_deeds import MessageDeeds
from woxly_tui.tui.message_log import MessageLog, guest_message, with_guests
from woxly_tui.tui.widgets.chat_head import ChatHead
from woxly_tui.tui.widgets.links import open_link
from woxly_tui.tui.widgets.message_lines import MessageLines
from woxly_tui.tui.words import full_stop
from woxly_tui.types import MessageId, RoomId, Seconds

if TYPE_CHECKING:
    from woxly_tui.tui.widgets.chat_input import ChatInput
    from woxly_tui.tui.widgets.room_input import RoomInput

TYPING_EVERY_S: Final = 3.0
"""How often the others are told that we write."""

MAX_GUEST_MESSAGES: Final = 200

Ask: TypeAlias = Callable[[LobbyCommand, Callable[[str], None]], None]
"""Sends a command, and is told why it was refused, or "" when it was not."""


class RoomPane(Vertical):
    """Closed at first. One room at a time; what is written and not sent stays with its room.

    Args:
        data: What is known of rooms and people.
        clock: Where the time comes from.
        ask: Has the engine do something.
    """

    DEFAULT_CSS: ClassVar[str] = """
    RoomPane { height: 1fr; min-height: 2; }
    RoomPane.-closed { display: none; }
    RoomPane.-tiny ChatHead { display: none; }
    RoomPane #room-line { height: auto; background: $surface; margin: 0 2; }
    RoomPane #room-prompt { width: 2; color: $quiet; background: $surface; }
    RoomPane.-writing #room-prompt { color: $accent; }
    RoomPane #room-context { height: 1; margin: 0 2; color: $accent; display: none; }
    RoomPane.-about #room-context { display: block; }
    """

    def __init__(self, data: LobbyData, clock: Clock, ask: Ask) -> None:
        super().__init__(id="room", classes="-closed")
        self._data = data
        self._clock = clock
        self._ask = ask
        self._log = MessageLog(data.name_of)
        self._head = ChatHead()
        self._lines = MessageLines(self._log)
        self._about_line = Static(Content(""), id="room-context")
        self._line = Horizontal(Static("›", id="room-prompt", markup=False), id="room-line")
        self._input: RoomInput | None = None
        self._deeds = MessageDeeds(self, data, ask)
        self._drafts: dict[RoomId, str] = {}
        self._typing: tuple[Person, ...] = ()
        self._heard: RoomMessages | None = None
        self._guests: tuple[RoomMessage, ...] = ()
        self._told_typing_at: Seconds | None = None
        self._marked: MessageId | None = None
        self._asked_older: MessageId | None = None
        self._warning = self._warned_of = ""
        self.room: RoomId | None = None
        """The room shown."""

    def compose(self) -> ComposeResult:
        yield self._head
        yield self._lines
        yield self._about_line
        yield self._line

    # State

    @property
    def is_open(self) -> bool:
        return not self.has_class("-closed")

    @property
    def is_writing(self) -> bool:
        """Whether keys go into the line."""
        return self._input is not None and self._input.has_focus

    @property
    def is_choosing(self) -> bool:
        """Whether keys are about a message."""
        return self._lines.has_focus

    @property
    def unread(self) -> int:
        """Messages nobody has looked at."""
        room = self._data.room(self.room)
        return room.unread if room is not None and not self.is_open else 0

    @property
    def draft(self) -> str:
        """What is written and not sent."""
        return self._input.text if self._input is not None else ""

    def show(self) -> None:
        """What is known of the room has changed."""
        room = self._data.room(self.room)
        if room is None:
            self._head.retitle("messages")
        else:
            live = f", {len(room.live)} in the call" if room.live else ""
            self._head.retitle(f"{shown(room.name)} {KIND_WORDS[room.kind]}{live}")

    def hear(self, update: RoomMessages) -> None:
        """Take the messages of a room, if it is the one shown."""
        if update.room != self.room:
            return
        self._heard = update
        self._log.take(with_guests(update, self._guests), self._data.own_id)
        self._typing = update.typing
        if self.is_open:
            self._lines.redraw()
            self._note()
            self._mark_read()
            self._load_older()

    def hear_guest(self, room: RoomId, message: ChatMessage) -> None:
        """Take what a guest of the room's call said, who is no member and writes beside it."""
        said = guest_message(room, message)
        if all(one.message != said.message for one in self._guests):
            self._guests = (*self._guests, said)[-MAX_GUEST_MESSAGES:]
            if self._heard is not None:
                self.hear(self._heard)

    # Opening and closing

    async def open(self, room: RoomId, *, writes: bool = True) -> None:
        """Show a room, and write in it."""
        if room != self.room:
            self._change_room(room)
        elif not self._log.is_loaded:
            self._open_again()
        self.remove_class("-closed")
        if self._input is None:
            from woxly_tui.tui.widgets.room_input import RoomInput

            self._input = RoomInput()
            self._input.text = self._drafts.pop(room, "")
            await self._line.mount(self._input)
        if writes:
            self._input.focus()
        self.show()
        self._lines.redraw()
        self._note()
        self._mark_read()

    def _change_room(self, room: RoomId) -> None:
        self._stop_typing()
        self.let_go()
        if self.room is not None and self.draft:
            self._drafts[self.room] = self.draft
        self.room = room
        self._log = self._lines.follow(MessageLog(self._data.name_of))
        self._typing, self._marked, self._asked_older, self._warning = (), None, None, ""
        self._heard = None
        if self._input is not None:
            self._input.text = self._drafts.pop(room, "")
        self._open_again()

    def _open_again(self) -> None:
        if self.room is not None:
            self._ask(OpenRoom(self.room), self._on_answer)

    def again(self) -> None:
        """The engine is another one: it knows nothing of what is shown."""
        if self.is_open:
            self._open_again()

    def close(self, *, forgets: bool = False) -> None:
        """Hide it; what is written stays, unless the rooms are those of another account."""
        self._stop_typing()
        if self.is_writing or self.is_choosing:
            self.screen.set_focus(None)
        self._log.to_end()
        self.add_class("-closed")
        if forgets:
            self._drafts, self.room = {}, None

    def scroll_page(self, way: int) -> None:
        """One page back, or forward where negative."""
        self._lines.action_page(way)

    @on(MessageLines.Moved)
    def _on_moved(self) -> None:
        self._note()
        self._load_older()

    def _load_older(self) -> None:
        messages = self._log.messages
        if self.room is None or not self._log.has_older or not messages:
            return
        if not self._log.is_at_top(self._lines.size.height) or not self._log.scrolled:
            return
        if messages[0].message != self._asked_older:
            self._asked_older = messages[0].message
            self._ask(LoadOlder(self.room), self._on_answer)
            self._note()

    def _mark_read(self) -> None:
        if self.room is None or not self._log.messages or self._log.scrolled:
            return
        newest = self._log.messages[-1].message
        room = self._data.room(self.room)
        if newest != self._marked and (self._marked is not None or (room and room.unread)):
            self._ask(MarkRead(self.room), lambda _: None)
        self._marked = newest

    @on(MessageLines.LinkClicked)
    def _on_link_clicked(self, event: MessageLines.LinkClicked) -> None:
        open_link(self, event.target)

    # Messages as such

    @on(MessageLines.Asked)
    def _on_asked(self, event: MessageLines.Asked) -> None:
        if event.verb == "write":
            self._write()
        elif event.verb == "unfold":
            if self._log.fold():
                self._lines.redraw()
        elif (message := self._log.chosen) is not None:
            self._deeds.do(event.verb, message)

    def _write(self) -> None:
        self._log.let_go()
        if self._input is not None:
            self._input.focus()

    def on_room_input_messages_wanted(self) -> None:
        """Choose among the messages."""
        if self._log.choose(0, self._lines.size.height):
            self._lines.focus()
            self._lines.redraw()

    def on_room_input_escaped(self) -> None:
        """Let go of the message that is answered or changed; then of the line."""
        if self.has_class("-about"):
            self.let_go()
        else:
            self.screen.set_focus(None)

    def about(self, label: str, text: str | None = None) -> None:
        """Write about a message: an answer, or in place of it.

        Args:
            label: What is done; already harmless.
            text: What stands in the line at first; None leaves it.
        """
        self._about_line.update(Content(label))
        self.add_class("-about")
        if self._input is not None and text is not None:
            self._input.text = text
            self._input.move_cursor(self._input.document.end)
        self._write()

    def let_go(self) -> None:
        """Write a message of its own again."""
        if self._deeds.let_go() and self._input is not None:
            self._input.text = ""
        self.remove_class("-about")

    # Writing

    def on_descendant_focus(self) -> None:
        """Keys go into the line."""
        self.set_class(self.is_writing, "-writing")

    def on_descendant_blur(self) -> None:
        """Keys are commands again."""
        self.set_class(self.is_writing, "-writing")

    def on_chat_input_page_pressed(self, event: "ChatInput.PagePressed") -> None:
        """A page key while writing."""
        self.scroll_page(event.way)

    def on_chat_input_paste_refused(self, event: "ChatInput.PasteRefused") -> None:
        """What was pasted does not fit."""
        size = f"{event.size} bytes, a message has at most {MAX_CHAT_BYTES}"
        self._warn(f"Not pasted, too long: {size}")

    def on_text_area_changed(self) -> None:
        """Something was written: the others may see that."""
        if self.draft != self._warned_of:
            self._warning = ""
        self._note()
        if not self.draft:
            self._stop_typing()
            return
        now = self._clock.monotonic()
        is_due = self._told_typing_at is None or now - self._told_typing_at >= TYPING_EVERY_S
        if is_due and self.room is not None and self.is_writing and self._is_online:
            self._told_typing_at = now
            self._ask(SetTyping(self.room, on=True), lambda _: None)

    def _stop_typing(self) -> None:
        if self._told_typing_at is not None and self.room is not None:
            self._ask(SetTyping(self.room, on=False), lambda _: None)
        self._told_typing_at = None

    @property
    def _is_online(self) -> bool:
        return self._data.state.link is LinkState.ONLINE

    def on_chat_input_submitted(self) -> None:
        """Send what is written, unless it is known that it cannot be."""
        text = clean_lines(self.draft)
        if self._input is None or self.room is None or not text:
            return
        problem = "" if self._is_online else "no connection: your text is kept"
        if is_too_long(text):
            problem = f"too long: {len(text.encode())} bytes of at most {MAX_CHAT_BYTES}"
        if problem:
            self._warn(f"Not sent, {problem}")
            return
        self._input.text = ""
        self._told_typing_at = None
        self._log.to_end()
        room, edits, answers = self.room, self._deeds.edits, self._deeds.answers
        self._deeds.let_go()
        self.remove_class("-about")
        command = self._said(room, text, edits, answers)
        self._ask(command, lambda error: self._on_sent(room, text, error))

    def _said(
        self, room: RoomId, text: str, edits: RoomMessage | None, answers: RoomMessage | None
    ) -> LobbyCommand:
        if edits is not None:
            return EditMessage(room, edits.message, text)
        return SendMessage(room, text, answers.message if answers is not None else None)

    def _on_sent(self, room: RoomId, text: str, error: str) -> None:
        if not error or self._input is None:
            return
        if room == self.room:
            self._input.put_back(text)
        else:
            self._drafts[room] = text
        self._on_answer(error)

    def _on_answer(self, error: str) -> None:
        if error and self.is_open:
            self._warn(full_stop(error))
        elif error:
            self.notify(full_stop(error), severity="warning", markup=False)

    def _warn(self, note: str) -> None:
        self._warning, self._warned_of = note, self.draft
        self._head.say(note, is_warning=True)

    def _note(self) -> None:
        if self._warning:
            return
        if self._log.scrolled:
            more = f", {self._log.unseen} new" if self._log.unseen else ""
            is_loading = self._asked_older == (
                self._log.messages[0].message if self._log.messages else 0
            )
            self._head.say("loading older ones…" if is_loading else f"scrolled back{more}")
        elif self._typing:
            names = ", ".join(shown(person.name) for person in self._typing[:2])
            self._head.say(f"{names} {'writes' if len(self._typing) == 1 else 'write'}…")
        else:
            self._head.say("")
