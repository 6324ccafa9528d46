"""Looking for people on the server, by name or Woxly id, and asking them to be friends."""

from collections.abc import Callable
from typing import ClassVar, Final

from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.strip import Strip
from textual.timer import Timer
from textual.widgets import Input, Static

from woxly_tui.control.lobby import PeopleFound
from woxly_tui.social.model import Person
from woxly_tui.tui.lobby_words import shown
from woxly_tui.tui.text import fit, plain
from woxly_tui.tui.widgets.line_view import LineView

SEARCH_AFTER_S: Final = 0.3
"""Nothing is asked while somebody types."""

MIN_CHARS: Final = 2
_ROWS: Final = 8


class FoundPeople(LineView):
    """Who was found; one is chosen."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "foundpeople--name",
        "foundpeople--chosen",
        "foundpeople--quiet",
    }
    DEFAULT_CSS = f"""
    FoundPeople {{ height: {_ROWS}; background: $panel; }}
    FoundPeople .foundpeople--name {{ color: $foreground; }}
    FoundPeople .foundpeople--chosen {{ color: $accent; text-style: bold; }}
    FoundPeople .foundpeople--quiet {{ color: $quiet; }}
    """

    class Clicked(Message):
        """Somebody was clicked."""

    def __init__(self) -> None:
        super().__init__(id="found")
        self._people: tuple[tuple[Person, str], ...] = ()
        self._note = ""
        self._at = 0

    @property
    def chosen(self) -> Person | None:
        return self._people[self._at][0] if self._at < len(self._people) else None

    def show(self, people: tuple[tuple[Person, str], ...], note: str) -> None:
        self._people, self._note, self._at = people, note, 0
        self.redraw()

    def move(self, steps: int) -> None:
        self._at = max(0, min(self._at + steps, len(self._people) - 1))
        self.redraw()

    def _top(self, height: int) -> int:
        return max(0, self._at - height + 1)

    def lines(self, width: int, height: int) -> list[Strip]:
        if not self._people:
            return [Strip([Segment(fit(self._note, width), self.part("quiet"))])]
        top = self._top(height)
        strips = []
        for at, (person, relation) in enumerate(self._people[top : top + height], top):
            is_chosen = at == self._at
            name = f"{'▸' if is_chosen else ' '} {shown(person.name)}"
            strips.append(
                Strip(
                    [
                        Segment(fit(name, 26), self.part("chosen" if is_chosen else "name")),
                        Segment(fit(f" {shown(person.woxly_id)}", 12), self.part("quiet")),
                        Segment(fit(relation, max(0, width - 38)), self.part("quiet")),
                    ]
                )
            )
        return strips

    def on_click(self, event: events.Click) -> None:
        at = self._top(self.size.height) + event.y
        if at < len(self._people):
            is_again = at == self._at
            self._at = at
            self.redraw()
            if is_again:
                self.post_message(self.Clicked())


class PeopleScreen(ModalScreen[Person | None]):
    """Ends with whom to ask, or with None.

    Args:
        search: Has the engine look; `show` takes the answer.
        relation: What somebody is already: `friend`, `you`, or nothing.
        query: What is looked for at first.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", "leave", show=False),
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]
    CSS: ClassVar[str] = """
    PeopleScreen { align: center middle; background: $background 70%; }
    PeopleScreen #box {
        width: 60; max-width: 100%; height: auto; padding: 1 2; background: $panel;
    }
    PeopleScreen #title { text-style: bold; }
    PeopleScreen #hint { color: $quiet; }
    PeopleScreen Input { height: 1; border: none; padding: 0; background: $surface; margin: 1 0; }
    """

    def __init__(
        self,
        search: Callable[[str], None],
        relation: Callable[[Person], str],
        query: str = "",
    ) -> None:
        super().__init__()
        self._search = search
        self._relation = relation
        self._query = query
        self._found = FoundPeople()
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        field = Input(self._query, max_length=64, id="field")
        field.cursor_blink = False
        yield Vertical(
            Static(Content("Add a friend: name or Woxly id"), id="title"),
            field,
            self._found,
            Static(Content("↑ ↓ choose, Enter asks them, Esc leaves."), id="hint"),
            id="box",
        )

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._look()

    def on_input_changed(self, event: Input.Changed) -> None:
        self._query = " ".join(event.value.split())
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(SEARCH_AFTER_S, self._look)

    def _look(self) -> None:
        if len(self._query) < MIN_CHARS:
            self._found.show((), f"Type at least {MIN_CHARS} characters.")
            return
        self._found.show((), "Looking…")
        self._search(self._query)

    def show(self, found: PeopleFound) -> None:
        """Take an answer; one to an older question is dropped."""
        if found.query != self._query:
            return
        note = plain(found.error) or f"Nobody is called {shown(found.query)}."
        self._found.show(tuple((one, self._relation(one)) for one in found.people), note)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._take()

    def on_found_people_clicked(self) -> None:
        """As Enter."""
        self._take()

    def _take(self) -> None:
        person = self._found.chosen
        if person is not None and not self._relation(person):
            self.dismiss(person)

    def action_move(self, steps: int) -> None:
        self._found.move(steps)

    def action_leave(self) -> None:
        self.dismiss(None)
