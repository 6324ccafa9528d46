"""Microphone, speaker and how sound is shaped: listened to, tried and chosen in the call.

highlighted microphone ──TryMicrophone, again and again──► engine ──► level ──► meter
"""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen

from woxly_tui._lib.clock import Clock
from woxly_tui.call.shaping import GATE_AUTO
from woxly_tui.call.snapshot import CallPhase, MicState, Snapshot
from woxly_tui.control.messages import SelectDevice, TryMicrophone, TrySpeaker
from woxly_tui.tui.actions import dialog_bindings
from woxly_tui.tui.bridge import Bridge
from woxly_tui.tui.meter import FRAME_S, NUMBER_S, Meter
from woxly_tui.tui.sound_pages import (
    GATE,
    UNKNOWN,
    DeviceRow,
    Page,
    SettingRow,
    Value,
    device_rows,
    gate_mark,
    place,
    setting_rows,
)
from woxly_tui.tui.widgets.sound_panel import KeySpot, SoundLook, SoundPanel
from woxly_tui.types import SILENCE_DBFS, Dbfs, DeviceKind, Seconds

AGAIN_S: Final = 1.5
"""Between two requests to go on measuring; the engine forgets after four seconds."""

REST_S: Final = 0.15
"""How long the cursor must rest on a microphone before that is opened: a list is passed over."""

WISH_LASTS: Final = Seconds(1.0)
"""How long a value counts that was asked for and is not shown yet."""

GATE_LASTS: Final = Seconds(1.0)
"""How long what the gate measures is shown before the device is measured instead."""

TONE_LASTS: Final = Seconds(1.0)

TOO_LOUD_DBFS: Final = -3.0
"""A meter reads this where every sample is as large as can be."""

_HERE_ONLY: Final = "Listened to on this machine only: nothing of it is sent."
_TONE: Final = "While a tone sounds there, your microphone sends nothing."
_MIXER: Final = "Changed values need the mixer."


class SoundScreen(ModalScreen[None]):
    """Three pages. What is chosen holds at once, and in later calls.

    Args:
        bridge: The engine; asked for the state ten times a second while this is open.
        clock: Where the time comes from.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *dialog_bindings(),
        Binding("escape,q,s", "close", "close", show=False),
        Binding("tab", "turn(1)", show=False),
        Binding("shift+tab", "turn(-1)", show=False),
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "move(-100000)", show=False),
        Binding("end", "move(100000)", show=False),
        Binding("enter", "use", show=False),
        Binding("p", "tone", show=False),
        Binding("left,h,minus", "step(-1)", show=False),
        Binding("right,l,plus_sign", "step(1)", show=False),
    ]
    CSS: ClassVar[str] = """
    SoundScreen { align: center middle; background: $background 70%; }
    SoundScreen SoundPanel { width: 76; max-width: 100%; max-height: 100%; }
    """

    def __init__(self, bridge: Bridge, clock: Clock) -> None:
        super().__init__()
        self._bridge = bridge
        self._clock = clock
        self._panel = SoundPanel()
        self._page = Page.MICROPHONE
        self._cursors = dict.fromkeys(Page, 0)
        self._under: dict[Page, str] = {}
        """The device that the cursor of a page stands on."""
        self._meter = Meter()
        self._heard = ""
        self._number_at = 0.0
        self._asked: str | None = None
        self._asked_at = Seconds(-1e9)
        self._moved_at = Seconds(-1e9)
        self._tone_until = Seconds(-1e9)
        self._wishes: dict[str, tuple[Value, Seconds]] = {}
        self._gate_at = Seconds(-1e9)
        self._threshold: float | None = None
        """Where the automatic gate opens now."""
        self._is_closed = False

    def compose(self) -> ComposeResult:
        yield self._panel

    def on_mount(self) -> None:
        for page in (Page.MICROPHONE, Page.SPEAKER):
            rows = self._devices(page)
            self._cursors[page] = next((i for i, row in enumerate(rows) if row.is_chosen), 0)
            self._under[page] = rows[self._cursors[page]].name
        self._tick()
        self.set_interval(FRAME_S, self._tick, name="sound")

    # What is shown

    @property
    def _snapshot(self) -> Snapshot:
        return self._bridge.view.snapshot

    def _devices(self, page: Page) -> list[DeviceRow]:
        return device_rows(self._snapshot.devices, page.kind) if page.kind is not None else []

    def _settings(self) -> list[SettingRow]:
        now = self._clock.monotonic()
        self._wishes = {key: wish for key, wish in self._wishes.items() if now < wish[1]}
        return setting_rows(self._snapshot)

    def _tick(self) -> None:
        self._listen()
        self._take_level()
        self.redraw()

    def redraw(self) -> None:
        """Draw what there is now."""
        page = self._page
        devices, settings = self._devices(page), self._settings()
        if devices:
            self._cursors[page] = place(devices, self._under[page], self._cursors[page])
            self._under[page] = devices[self._cursors[page]].name
        look = SoundLook(
            page=page,
            devices=devices,
            settings=settings,
            cursor=self._cursors[page],
            meter=self._meter if self._wants_meter else None,
            mark_dbfs=self._mark() if page is Page.SETTINGS else None,
            heard=self._heard,
            note=self._note(page),
            keys=self._keys(page),
        )
        self._panel.show(look)

    def _note(self, page: Page) -> str:
        if page is Page.SETTINGS:
            row = self._settings()[self._cursors[page]]
            return f"{row.help}. {_MIXER if row.needs_mixer else ''}".strip()
        if not self._snapshot.devices.of(page.kind or DeviceKind.SPEAKER):
            return UNKNOWN
        if page is Page.SPEAKER:
            is_playing = self._clock.monotonic() < self._tone_until
            return "A tone sounds there now." if is_playing else _TONE
        is_muted = self._snapshot.microphone.state is not MicState.OPEN
        return f"{_HERE_ONLY} You are muted in the call." if is_muted else _HERE_ONLY

    @staticmethod
    def _keys(page: Page) -> list[KeySpot]:
        close = ("Esc", "close", "close")
        turn = ("Tab", "page", "turn(1)")
        if page is Page.SETTINGS:
            return [("↑↓", "choose", "move(1)"), ("←→", "change", "step(1)"), turn, close]
        use = [("↑↓", "choose", "move(1)"), ("Enter", "use", "use")]
        tone = [("p", "play tone", "tone")] if page is Page.SPEAKER else []
        return [*use, *tone, turn, close]

    # What is heard

    def _listen(self) -> None:
        """Have the microphone under the cursor measured, and no other."""
        now = self._clock.monotonic()
        is_in_call = self._snapshot.phase is CallPhase.ESTABLISHED
        wanted: str | None = None
        if self._wants_meter and is_in_call and not self._is_closed:
            wanted = self._snapshot.devices.microphone
            if self._page is Page.MICROPHONE:
                wanted = self._under[Page.MICROPHONE]
        if wanted == self._asked and (wanted is None or now - self._asked_at < AGAIN_S):
            return
        if wanted is not None and now - self._moved_at < REST_S:
            return
        if wanted is None:
            if is_in_call:
                self._bridge.send(TryMicrophone(self._asked or "", is_on=False))
        else:
            self._bridge.send(TryMicrophone(wanted))
        if wanted != self._asked:
            self._meter, self._heard = Meter(), ""
            self._bridge.tried = None
        self._asked, self._asked_at = wanted, now

    @property
    def _wants_meter(self) -> bool:
        """Whether the page shows what a microphone hears."""
        if self._page is not Page.SETTINGS:
            return self._page is Page.MICROPHONE
        return self._settings()[self._cursors[Page.SETTINGS]].key == GATE

    def _mark(self) -> float | None:
        """Where the gate opens."""
        is_auto = self._snapshot.shaping.gate == GATE_AUTO
        return self._threshold if is_auto else gate_mark(self._snapshot)

    def _take_gate(self) -> bool:
        """Take what comes to the gate, where one is set: that is what it decides by."""
        gate, self._bridge.gate = self._bridge.gate, None
        if self._page is not Page.SETTINGS or gate is None:
            return False
        self._threshold = float(gate.threshold_dbfs)
        self._meter.hear(gate.level_dbfs, self._clock.monotonic())
        self._heard = "" if gate.is_open else "held back"
        return True

    def _take_level(self) -> None:
        now = self._clock.monotonic()
        if self._take_gate():
            self._gate_at = now
        if now - self._gate_at < GATE_LASTS:
            self._meter.advance(now)
            self._show_number(now)
            return
        tried = self._bridge.tried
        if tried is not None and tried.name == self._asked:
            self._bridge.tried = None
            self._meter.hear(tried.level_dbfs, now)
            self._heard = ""
            if tried.is_deaf:
                self._heard = "delivers nothing"
            elif tried.level_dbfs >= TOO_LOUD_DBFS:
                self._heard = "too loud"
            elif tried.level_dbfs <= SILENCE_DBFS:
                self._heard = "silent"
        else:
            self._meter.advance(now)
        self._show_number(now)

    def _show_number(self, now: Seconds) -> None:
        if now >= self._number_at or self._meter.shown_dbfs == SILENCE_DBFS:
            self._number_at = now + NUMBER_S
            self._meter.number_dbfs = Dbfs(self._meter.shown_dbfs)

    # What the user does

    def action_close(self) -> None:
        self._is_closed = True
        self._listen()
        self.dismiss(None)

    def action_turn(self, by: int) -> None:
        pages = list(Page)
        self._turn_to(pages[(pages.index(self._page) + by) % len(pages)])

    def _turn_to(self, page: Page) -> None:
        self._page = page
        self._moved_at = Seconds(-1e9)
        self._tick()

    def action_move(self, by: int) -> None:
        self._go_to(self._cursors[self._page] + by)

    def action_page(self, way: int) -> None:
        self.action_move(way * max(1, self._panel.rows_shown - 1))

    def _go_to(self, index: int) -> None:
        page = self._page
        rows = self._devices(page)
        last = len(rows or self._settings()) - 1
        self._cursors[page] = min(max(index, 0), last)
        if rows:
            self._under[page] = rows[self._cursors[page]].name
        self._moved_at = self._clock.monotonic()
        self.redraw()

    def action_use(self) -> None:
        """Use the device under the cursor, or change the setting."""
        kind = self._page.kind
        if kind is None:
            self.action_step(1)
            return
        rows = self._devices(self._page)
        row = rows[place(rows, self._under[self._page], self._cursors[self._page])]
        if row.is_there:
            self._bridge.send(SelectDevice(kind, row.name))
        self.redraw()

    def action_tone(self) -> None:
        """Play a tone on the speaker under the cursor."""
        if self._page is Page.SPEAKER:
            self._bridge.send(TrySpeaker(self._under[Page.SPEAKER]))
            self._tone_until = Seconds(self._clock.monotonic() + TONE_LASTS)
            self.redraw()

    def action_step(self, by: int) -> None:
        """Change the setting under the cursor."""
        if self._page is not Page.SETTINGS:
            return
        row = self._settings()[self._cursors[self._page]]
        value, _ = self._wishes.get(row.key, (row.value, None))
        value = row.step(value, by)
        self._wishes[row.key] = value, Seconds(self._clock.monotonic() + WISH_LASTS)
        self._bridge.send(row.command(value))

    @on(SoundPanel.TabClicked)
    def _on_tab_clicked(self, event: SoundPanel.TabClicked) -> None:
        self._turn_to(event.page)

    @on(SoundPanel.RowClicked)
    def _on_row_clicked(self, event: SoundPanel.RowClicked) -> None:
        self._go_to(event.index)
        if event.by:
            self.action_step(event.by)
        elif self._page is not Page.SETTINGS:
            self.action_use()

    @on(SoundPanel.KeyClicked)
    async def _on_key_clicked(self, event: SoundPanel.KeyClicked) -> None:
        await self.run_action(event.action)

    @on(SoundPanel.Turned)
    def _on_turned(self, event: SoundPanel.Turned) -> None:
        self.action_move(event.by)
