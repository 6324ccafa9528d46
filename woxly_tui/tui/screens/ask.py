"""Small questions over whatever is open: yes or no, a line of text, one of several."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Button, Input, Static

_BOX = """
    {name} {{ align: center middle; background: $background 70%; }}
    {name} #box {{ width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; }}
    {name} #title {{ text-style: bold; }}
    {name} #detail {{ color: $quiet; }}
"""
_BUTTON = """
    {name} #buttons {{ height: 1; align-horizontal: right; margin-top: 1; }}
    {name} Button {{
        height: 1; min-width: 10; border: none; margin-left: 2; padding: 0 1;
        background: $surface; color: $foreground; text-style: none;
    }}
    {name} Button:focus {{ background: $accent; color: $background; text-style: bold; }}
"""


class ConfirmScreen(ModalScreen[bool]):
    """Ends with whether the user wants it.

    Args:
        question: What is asked; already harmless.
        detail: What it means.
        yes: What the button says that does it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,n,q", "answer(False)", "no", show=False),
        Binding("y", "answer(True)", "yes", show=False),
        Binding("left,right,h,l", "app.focus_next", show=False),
    ]
    CSS: ClassVar[str] = _BOX.format(name="ConfirmScreen") + _BUTTON.format(name="ConfirmScreen")

    def __init__(self, question: str, detail: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._detail = detail
        self._yes = yes

    def compose(self) -> ComposeResult:
        yield Vertical(
            Static(Content(self._question), id="title"),
            Static(Content(self._detail), id="detail"),
            Horizontal(
                Button(Content("Esc No"), id="no"),
                Button(Content(f"y {self._yes}"), id="yes"),
                id="buttons",
            ),
            id="box",
        )

    def on_mount(self) -> None:
        self.query_one("#no").focus()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        self.dismiss(event.button.id == "yes")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


class PromptScreen(ModalScreen[str | None]):
    """Ends with a line of text, or with None.

    Args:
        title: What is asked for; already harmless.
        value: What stands there at first.
        detail: What it is for.
        max_chars: Longest text.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
    ]
    CSS: ClassVar[str] = (
        _BOX.format(name="PromptScreen")
        + """
    PromptScreen Input { height: 1; border: none; padding: 0; background: $surface; margin: 1 0; }
    """
    )

    def __init__(self, title: str, value: str = "", detail: str = "", max_chars: int = 200) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._detail = detail
        self._max_chars = max_chars

    def compose(self) -> ComposeResult:
        field = Input(self._value, max_length=self._max_chars, id="field")
        field.cursor_blink = False
        yield Vertical(
            Static(Content(self._title), id="title"),
            field,
            Static(Content(self._detail or "Enter takes it, Esc leaves it."), id="detail"),
            id="box",
        )

    def on_mount(self) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(" ".join(event.value.split()))

    def action_leave(self) -> None:
        self.dismiss(None)


class Choice(NamedTuple):
    """One of several."""

    key: str
    label: str
    value: str


class MenuScreen(ModalScreen[str | None]):
    """Ends with the value of what was chosen, or with None.

    Args:
        title: What is asked.
        choices: What there is, each with its own key.
        chosen: The value that holds now.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "leave", show=False),
        Binding("up,k", "app.focus_previous", show=False),
        Binding("down,j", "app.focus_next", show=False),
    ]
    CSS: ClassVar[str] = (
        _BOX.format(name="MenuScreen")
        + _BUTTON.format(name="MenuScreen")
        + """
    MenuScreen Button {
        width: 1fr; margin: 0; content-align: left middle; text-align: left; background: $panel;
    }
    MenuScreen #title { margin-bottom: 1; }
    """
    )

    def __init__(self, title: str, choices: Sequence[Choice], chosen: str = "") -> None:
        super().__init__()
        self._title = title
        self._choices = tuple(choices)
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        yield Vertical(
            Static(Content(self._title), id="title"),
            *(
                Button(Content(f"{choice.key}  {choice.label}"), id=f"choice-{at}")
                for at, choice in enumerate(self._choices)
            ),
            id="box",
        )

    def on_mount(self) -> None:
        values = [choice.value for choice in self._choices]
        at = values.index(self._chosen) if self._chosen in values else 0
        self.query_one(f"#choice-{at}").focus()

    def on_key(self, event: events.Key) -> None:
        found = next((one for one in self._choices if one.key == event.character), None)
        if found is not None:
            self.dismiss(found.value)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        at = int((event.button.id or "choice-0").removeprefix("choice-"))
        self.dismiss(self._choices[at].value)

    def action_leave(self) -> None:
        self.dismiss(None)
