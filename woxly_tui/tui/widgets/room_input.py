"""The line in which a message to a room is written. Loaded when the first room is opened."""

from textual import events
from textual.message import Message

from woxly_tui.tui.widgets.chat_input import ChatInput


class RoomInput(ChatInput):
    """As the line of the chat; Tab, or ↑ in an empty line, goes to the messages above it."""

    class MessagesWanted(Message):
        """A message is to be chosen."""

    class Escaped(Message):
        """Esc was pressed."""

    async def _on_key(self, event: events.Key) -> None:
        if event.key == "tab" or (event.key == "up" and not self.text):
            event.stop()
            event.prevent_default()
            self.post_message(self.MessagesWanted())
        else:
            await super()._on_key(event)

    def action_leave_input(self) -> None:
        self.post_message(self.Escaped())
