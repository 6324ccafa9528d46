"""What can be done with a message of a room, by the verb of its key."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from woxly_tui.control.lobby import DeleteMessage, LobbyCommand, React, SaveAttachment
from woxly_tui.social.model import RoomMessage
from woxly_tui.tui.lobby_view import LobbyData
from woxly_tui.tui.lobby_words import shown
from woxly_tui.tui.screens.ask import Choice, ConfirmScreen, MenuScreen
from woxly_tui.tui.text import clip

if TYPE_CHECKING:
    from woxly_tui.tui.widgets.room_pane import RoomPane

EMOJI: Final = ("👍", "❤", "😂", "🎉", "😮", "😢", "👎")


class MessageDeeds:
    """Use from the event loop.

    Args:
        pane: Where the messages are.
        data: Who we are.
        ask: Has the engine do something.
    """

    def __init__(
        self,
        pane: "RoomPane",
        data: LobbyData,
        ask: Callable[[LobbyCommand, Callable[[str], None]], None],
    ) -> None:
        self._pane = pane
        self._data = data
        self._ask = ask
        self.answers: RoomMessage | None = None
        """What is written answers this one."""
        self.edits: RoomMessage | None = None
        """What is written takes the place of this one."""

    def do(self, verb: str, message: RoomMessage) -> None:
        """Do it, or say why not."""
        is_own = message.sender.user == self._data.own_id
        if message.is_deleted:
            self._say("That message is deleted.")
        elif message.message < 0:
            self._say("A guest of the call wrote that: it is not kept in the room.")
        elif verb == "reply":
            self._reply(message)
        elif verb == "react":
            self._react(message)
        elif verb == "save":
            self._save(message)
        elif not is_own:
            self._say("Only who wrote a message can change it.")
        elif verb == "edit":
            self._edit(message)
        else:
            self._delete(message)

    def let_go(self) -> bool:
        """Answer and change none any more; returns whether one was being changed."""
        was_editing = self.edits is not None
        self.answers = self.edits = None
        return was_editing

    def _reply(self, message: RoomMessage) -> None:
        self.let_go()
        self.answers = message
        said = clip(shown(message.text), 40)
        self._pane.about(f"Answering {shown(message.sender.name)}: {said}")

    def _edit(self, message: RoomMessage) -> None:
        self.let_go()
        self.edits = message
        self._pane.about("Changing your message. Esc leaves it as it is.", message.text)

    def _delete(self, message: RoomMessage) -> None:
        def delete(is_wanted: bool | None) -> None:
            if is_wanted:
                self._send(DeleteMessage(message.room, message.message))

        said = clip(shown(message.text), 46)
        self._pane.app.push_screen(ConfirmScreen("Take this back?", said, "Delete"), delete)

    def _react(self, message: RoomMessage) -> None:
        def react(emoji: str | None) -> None:
            if emoji:
                self._send(React(message.room, message.message, emoji))

        choices = [Choice(str(at), emoji, emoji) for at, emoji in enumerate(EMOJI, 1)]
        self._pane.app.push_screen(
            MenuScreen("React; the same once more takes it away", choices), react
        )

    def _save(self, message: RoomMessage) -> None:
        if message.attachment is None:
            self._say("That message has no file.")
        else:
            self._say(f"Saving {shown(message.attachment.name)}…")
            self._send(SaveAttachment(message.room, message.message))

    def _send(self, command: LobbyCommand) -> None:
        self._ask(command, lambda error: self._say(error) if error else None)

    def _say(self, text: str) -> None:
        self._pane.notify(text, markup=False)
