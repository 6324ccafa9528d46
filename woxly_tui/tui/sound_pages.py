"""What the sound screen lists: microphones, speakers, settings. No widget, no I/O."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeAlias

from woxly_tui.call.shaping import (
    GATE_AUTO,
    GATE_OFF,
    LOUDEST_GATE_DBFS,
    LOUDEST_MASTER,
    LOUDEST_MIC_DB,
    SOFTEST_MIC_DB,
    Shaping,
)
from woxly_tui.call.snapshot import CuesView, DevicesView, DeviceView, Snapshot
from woxly_tui.control.messages import Command, SetCues, SetShaping
from woxly_tui.tui.text import clip, plain, steady
from woxly_tui.types import DeviceKind

AS_SET: Final = "as in the sound settings"

_TWIN_CELLS: Final = 24
"""Of the server's own name, where two devices are described alike."""

UNKNOWN: Final = (
    "No device is known here: they are listed while a call with sound lasts, on Linux. Elsewhere "
    "the system's sound settings decide."
)


class Page(StrEnum):
    """The pages, as their tabs call them."""

    MICROPHONE = "Microphone"
    SPEAKER = "Speaker"
    SETTINGS = "Settings"

    @property
    def kind(self) -> DeviceKind | None:
        """Whose devices it lists."""
        kinds = {Page.MICROPHONE: DeviceKind.MICROPHONE, Page.SPEAKER: DeviceKind.SPEAKER}
        return kinds.get(self)


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One device that can be chosen, or the choice of none."""

    name: str
    """Empty for none."""
    label: str
    """Cleaned for display."""
    notes: tuple[str, ...] = ()
    is_chosen: bool = False
    is_there: bool = True


def device_rows(devices: DevicesView, kind: DeviceKind) -> list[DeviceRow]:
    """All that can be chosen, the sound settings first; and the choice that is not there now."""
    there = devices.of(kind)
    chosen = devices.chosen(kind)
    alike = Counter(device.description for device in there)
    rows = [DeviceRow("", AS_SET, is_chosen=chosen is None)]
    for device in there:
        is_chosen = chosen is not None and device.name == chosen.name
        is_used = device.name == devices.in_use(kind)
        has_twin = alike[device.description] > 1
        notes = [clip(steady(plain(device.name)), _TWIN_CELLS)] if has_twin else []
        notes += ["in use"] if is_used else []
        notes += ["telephone quality"] if device.is_phone_quality else []
        rows.append(DeviceRow(device.name, _label(device), tuple(notes), is_chosen))
    if chosen is not None and not any(row.is_chosen for row in rows):
        rows.append(
            DeviceRow(chosen.name, _label(chosen), ("not plugged in",), True, is_there=False)
        )
    return rows


def _label(device: DeviceView) -> str:
    return steady(plain(device.description)) or steady(plain(device.name)) or "a device"


def window(count: int, cursor: int, height: int, top: int) -> int:
    """The first row to show of a list, so that the cursor is seen and little moves."""
    if height <= 0 or count <= height:
        return 0
    top = min(max(top, cursor - height + 1), cursor)
    return min(max(top, 0), count - height)


Value: TypeAlias = int | float | bool | str

GATE: Final = "gate"
"""Key of the setting that is set by ear."""

_GATES: Final = (GATE_OFF, GATE_AUTO, *(str(dbfs) for dbfs in range(-70, LOUDEST_GATE_DBFS + 1, 2)))


@dataclass(frozen=True, slots=True)
class SettingRow:
    """One setting that is changed by steps, or switched on and off."""

    key: str
    label: str
    help: str
    value: Value
    shown: str
    step: Callable[[Value, int], Value]
    """The value so many steps up or down."""
    command: Callable[[Value], Command]
    """What asks for it."""
    needs_mixer: bool = True
    """Unless it is as usual."""


def setting_rows(snapshot: Snapshot) -> list[SettingRow]:
    """All settings, with their present values."""
    shaping = snapshot.shaping
    return [*_gain_rows(shaping), *_cleaning_rows(shaping), _cue_row(snapshot.cues)]


def _gain_rows(shaping: Shaping) -> list[SettingRow]:
    return [
        SettingRow(
            "master_percent",
            "Everybody",
            "How loud all others together are played",
            shaping.master_percent,
            f"{shaping.master_percent} %",
            lambda value, by: min(LOUDEST_MASTER, max(0, int(value) + 10 * by)),
            lambda value: SetShaping(master_percent=int(value)),
        ),
        SettingRow(
            "mic_gain_db",
            "Your microphone",
            "How much louder or softer you are sent",
            shaping.mic_gain_db,
            f"{shaping.mic_gain_db:+.0f} dB",
            lambda value, by: min(LOUDEST_MIC_DB, max(SOFTEST_MIC_DB, float(value) + by)),
            lambda value: SetShaping(mic_gain_db=float(value)),
        ),
    ]


def _cleaning_rows(shaping: Shaping) -> list[SettingRow]:
    return [
        _switch(
            "Echo cancelling",
            "Takes what your speaker plays out of your microphone",
            "echo_cancellation",
            shaping.echo_cancellation,
        ),
        _switch(
            "Noise suppression",
            "Takes steady noise, as of a fan, out of your microphone",
            "noise_suppression",
            shaping.noise_suppression,
        ),
        _switch(
            "Keyboard filter",
            "Takes keyboards and other sudden noise out of your microphone, too",
            "strong_suppression",
            shaping.strong_suppression,
        ),
        SettingRow(
            GATE,
            "Voice gate",
            "Sends nothing softer: above the noise, below your voice",
            shaping.gate,
            shaping.gate if shaping.gate in (GATE_OFF, GATE_AUTO) else f"{shaping.gate} dBFS",
            _next_gate,
            lambda value: SetShaping(gate=str(value)),
        ),
        _switch(
            "Automatic gain",
            "Brings your microphone to a usual level",
            "auto_gain",
            shaping.auto_gain,
        ),
        _switch(
            "Rumble filter",
            "Takes the lowest tones, as of steps and wind, out of your microphone",
            "high_pass",
            shaping.high_pass,
        ),
    ]


def _cue_row(cues: CuesView) -> SettingRow:
    percent = cues.percent if cues.is_on else 0
    return SettingRow(
        "cues",
        "Short sounds",
        "How loud it is said that somebody came or went, and that you are muted",
        percent,
        f"{percent} %" if percent else "off",
        lambda value, by: min(200, max(0, int(value) + 10 * by)),
        lambda value: SetCues(bool(value), int(value) or cues.percent, cues.quiet_above),
        needs_mixer=False,
    )


def _next_gate(value: Value, by: int) -> Value:
    """Off, automatic, and then every second decibel."""
    if value in _GATES:
        place = _GATES.index(str(value)) + by
    else:
        louder = [g for g in _GATES[2:] if int(g) > int(value)]
        place = _GATES.index(louder[0]) - (by < 0) if louder else len(_GATES) - 1
    return _GATES[min(max(place, 0), len(_GATES) - 1)]


def gate_mark(snapshot: Snapshot) -> float | None:
    """Where the threshold stands on a meter; None where it finds its own place, or is off."""
    gate = snapshot.shaping.gate
    return None if gate in (GATE_OFF, GATE_AUTO) else float(gate)


def _switch(label: str, help_text: str, key: str, is_on: bool) -> SettingRow:
    return SettingRow(
        key,
        label,
        help_text,
        is_on,
        shown_switch(is_on),
        lambda value, _by: not value,
        lambda value: _shaping(key, value),
    )


def _shaping(key: str, value: Value) -> SetShaping:
    fields: dict[str, Any] = {key: value}
    return SetShaping(**fields)


def shown_switch(is_on: bool) -> str:
    """A switch, as a word."""
    return "on" if is_on else "off"


def place(rows: Sequence[DeviceRow], name: str, before: int) -> int:
    """Where the cursor stands now that stood on that device: near where it was, if it is gone."""
    for index, row in enumerate(rows):
        if row.name == name:
            return index
    return min(before, len(rows) - 1)
