"""What the terminal sends, as events: like Textual's parser, with key releases, and unbreakable.

    text ──► one whole sequence, or one character ──► is it well-formed?
                  releases, keyboard flags, pastes ──► our own messages
                  keys, mouse, focus, sizes        ──► Textual's parser ──► its events
                  anything else                    ──► nothing

Textual 8.2 raises in its input thread at a key report with an event type, at a number that is
no character and at a size of zero, and takes an answer it does not know for typed keys.
"""

import logging
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from textual import constants
from textual.events import Key, Paste
from textual.message import Message

MAX_PASTE: Final = 65536
"""Longest paste, in characters; what is beyond it is dropped."""

MAX_SEQUENCE: Final = 256
"""Longest escape sequence; a longer one is dropped whole."""

SEQUENCE_PATIENCE: Final = 2.0
"""Seconds until an unfinished sequence is given up: its rest, typed, could be an `m`."""

PASTE_PATIENCE: Final = 3.0
"""Seconds without a character after which a paste is over although its end never came."""

_MAX_TEXT: Final = 64
_REPEATED: Final = 2
_RELEASED: Final = 3
_MAX_COLUMNS, _MAX_ROWS, _MAX_PIXELS = 4000, 2000, 100_000

_PASTE_START: Final = "\x1b[200~"
_PASTE_END: Final = "\x1b[201~"
_STRINGS: Final = frozenset("]P_^X")
"""What begins an OSC, DCS, APC, PM or SOS after an escape: answers nobody here asked for."""

_KEY: Final = re.compile(r"\x1b\[([\d:;]{0,200})([u~ABCDEFHPQS])")
_FLAGS: Final = re.compile(r"\x1b\[\?(\d{1,3})u")
_SIZE: Final = re.compile(r"\x1b\[48;(\d{1,6});(\d{1,6});(\d{1,6});(\d{1,6})t")
_OTHERS: Final = re.compile(
    r"\x1b\[(<\d{1,4};-?\d{1,6};-?\d{1,6}[Mm]|\d{1,6};\d{1,6}R|\?\d{1,5};\d\$y|[IO])"
)
"""Mouse, cursor position, mode report, focus: what Textual reads without fault."""

_log = logging.getLogger(__name__)


class KeyReleased(Message):
    """A key went up. Only terminals that speak the kitty protocol tell."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key
        """Textual's name of the key without modifiers, which may be up already."""


class KeyRepeated(Message):
    """The key press that follows is a held key's repetition."""


class KeyboardFlags(Message):
    """The terminal speaks the kitty keyboard protocol, with these of its flags set."""

    def __init__(self, flags: int) -> None:
        super().__init__()
        self.flags = flags


@dataclass(frozen=True, slots=True)
class _Textual:
    """The parts of Textual that are not for everybody."""

    parser: Callable[[bool], Any]
    functional: Mapping[str, str]
    legacy: Mapping[str, object]


def _textual() -> _Textual:
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
    from textual._keyboard_protocol import FUNCTIONAL_KEYS
    from textual._xterm_parser import XTermParser

    return _Textual(XTermParser, FUNCTIONAL_KEYS, ANSI_SEQUENCES_KEYS)


class KeyParser:
    """Takes text in pieces of any size. Use from one thread.

    Args:
        debug: As Textual's driver has it.

    Raises:
        Exception: This Textual is another than the one this was written for.
    """

    def __init__(self, debug: bool = False, now: Callable[[], float] = time.monotonic) -> None:
        self._debug = debug
        self._now = now
        self._textual = _textual()
        self._inner = self._textual.parser(debug)
        self._held = ""
        """The beginning of a sequence."""
        self._skips_to: frozenset[str] = frozenset()
        """What ends the string that is being dropped; empty while none is."""
        self._paste: list[str] | None = None
        self._deadline = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """The events in this text; never raises."""
        for char in data:
            yield from self._take(char)

    def tick(self) -> Iterable[Message]:
        """Call at least every 0.1 s: an escape key is one only because nothing follows."""
        if self._held and self._now() >= self._deadline:
            held, self._held = self._held, ""
            if self._paste is not None:
                self._paste.append(held)
            elif held == "\x1b":
                yield Key("escape", "\x1b")
        if self._skips_to and self._now() >= self._deadline:
            self._skips_to = frozenset()
        if self._paste is not None and not self._held and self._now() >= self._deadline:
            yield from self._end_paste()
        yield from self._safely(self._inner.tick)

    # One character at a time

    def _take(self, char: str) -> Iterable[Message]:
        if self._paste is not None:
            return self._take_pasted(char, self._paste)
        if self._skips_to and char != "\x1b":
            self._deadline = self._now() + constants.ESCAPE_DELAY
            if char in self._skips_to:
                self._skips_to = frozenset()
            return ()
        if char == "\x1b":
            self._skips_to = frozenset()
            before, self._held = self._held, char
            self._deadline = self._now() + constants.ESCAPE_DELAY
            return [Key("escape", "\x1b")] if before == "\x1b" else ()
        if self._held:
            return self._take_held(char)
        if "\x80" <= char <= "\x9f":
            return ()
        return self._pass(char)

    def _take_held(self, char: str) -> Iterable[Message]:
        self._held += char
        if len(self._held) == 2:
            return self._take_second(char)
        if self._held.startswith("\x1bO"):
            sequence, self._held = self._held, ""
            return self._pass(sequence) if sequence in self._textual.legacy else ()
        if self._held.startswith("\x1b[M"):
            return self._wait() if len(self._held) < 6 else self._drop()  # a mouse without SGR
        if len(self._held) == 3 and char == "[":
            return self._wait()  # the Linux console's function keys have one more
        if " " <= char <= "?" and self._held not in self._textual.legacy:
            if len(self._held) > MAX_SEQUENCE:
                self._skips_to = frozenset(map(chr, range(0x40, 0x7F)))
                return self._drop()
            return self._wait()
        sequence, self._held = self._held, ""
        return self._read(sequence)

    def _take_second(self, char: str) -> Iterable[Message]:
        if char == "[":
            return self._wait()
        self._deadline = self._now() + constants.ESCAPE_DELAY
        if char == "O":
            return ()
        if char in _STRINGS:
            self._skips_to = frozenset("\x07")
        sequence, self._held = self._held, ""
        if char in _STRINGS or char == "\\":
            return ()
        if sequence in self._textual.legacy:
            return self._pass(sequence)
        return [_with_alt(key) for key in self._pass(char) if isinstance(key, Key)]

    def _wait(self) -> Iterable[Message]:
        self._deadline = self._now() + SEQUENCE_PATIENCE
        return ()

    def _drop(self) -> Iterable[Message]:
        self._held = ""
        return ()

    # Pastes

    def _take_pasted(self, char: str, paste: list[str]) -> Iterable[Message]:
        self._deadline = self._now() + PASTE_PATIENCE
        self._held += char
        if self._held == _PASTE_END:
            self._held = ""
            return self._end_paste()
        if not _PASTE_END.startswith(self._held):
            kept = "\x1b" if char == "\x1b" else ""
            text = self._held.removesuffix(kept) if kept else self._held
            self._held = kept
            room = MAX_PASTE - len(paste)
            paste.extend(text[: max(0, room)])
        return ()

    def _end_paste(self) -> Iterable[Message]:
        text = "".join(self._paste or ()).replace("\0", "")
        self._paste = None
        return [Paste(text)]

    # Whole sequences

    def _read(self, sequence: str) -> Iterable[Message]:
        if sequence == _PASTE_START:
            self._paste = []
            self._deadline = self._now() + PASTE_PATIENCE
            return ()
        if match := _FLAGS.fullmatch(sequence):
            return [KeyboardFlags(int(match[1]))]
        if match := _KEY.fullmatch(sequence):
            return self._read_key(match[1], match[2], sequence)
        if match := _SIZE.fullmatch(sequence):
            rows, columns, height, width = (int(number) for number in match.groups())
            is_sane = 0 < rows <= _MAX_ROWS and 0 < columns <= _MAX_COLUMNS
            is_sane = is_sane and min(height, width) > 0 and max(height, width) <= _MAX_PIXELS
            return self._pass(sequence) if is_sane else ()
        if _OTHERS.fullmatch(sequence) or sequence in self._textual.legacy:
            return self._pass(sequence)
        return ()

    def _read_key(self, fields: str, final: str, sequence: str) -> Iterable[Message]:
        if constants.DISABLE_KITTY_KEY:
            return self._pass(sequence) if sequence in self._textual.legacy else ()
        report = _key_report(fields)
        if report is None:
            return ()
        is_known = f"{report.code}{final}" in self._textual.functional
        if not is_known and (final != "u" or not (report.text or _is_printable(report.code))):
            return ()
        if report.event == _RELEASED:
            keys = self._pass(f"\x1b[{report.code}{final}")
            return [KeyReleased(key.key) for key in keys if isinstance(key, Key)]
        modifiers = "" if report.modifiers == 1 else str(report.modifiers)
        start = f"\x1b[{report.code};{modifiers}"
        sequences = [f"{start};{char}{final}" for char in report.text] or [start + final]
        events = [event for sequence in sequences for event in self._pass(sequence)]
        return [KeyRepeated(), *events] if report.event == _REPEATED else events

    def _pass(self, sequence: str) -> Iterable[Message]:
        return self._safely(lambda: self._inner.feed(sequence))

    def _safely(self, read: Callable[[], Iterable[Message]]) -> Iterable[Message]:
        """What Textual makes of it; where that fails, nothing, and a parser that is like new."""
        try:
            return list(read())
        except Exception as error:  # noqa: BLE001 - no input may end the input
            _log.warning("Textual's parser failed: %s", type(error).__name__)
        old, self._inner = self._inner, self._textual.parser(self._debug)
        for name in ("last_x", "last_y", "mouse_pixels", "terminal_size", "terminal_pixel_size"):
            setattr(self._inner, name, getattr(old, name))
        return []


def _with_alt(key: Key) -> Key:
    name = key.key
    if len(name) == 1 and name.isupper():
        name = f"shift+{name.lower()}"
    return Key(f"alt+{name}", key.character)


@dataclass(frozen=True, slots=True)
class _KeyReport:
    code: int
    modifiers: int
    event: int
    """1 pressed, 2 repeated, 3 released."""
    text: tuple[int, ...]


def _key_report(fields: str) -> _KeyReport | None:
    """The numbers of `code:alternates ; modifiers:event ; text:text`; None if it is no such."""
    parts = fields.split(";")
    if len(parts) > 3:
        return None
    codes, modifiers, text = ([*parts, "", ""])[:3]
    code = _number(codes.partition(":")[0], 1)
    modifier, _, event = modifiers.partition(":")
    modifier_number, event_number = _number(modifier, 1), _number(event, 1)
    characters = tuple(_number(char, -1) for char in text.split(":")) if text else ()
    if not (0 <= code <= 0x10FFFF and 1 <= modifier_number <= 256 and 1 <= event_number <= 3):
        return None
    if len(characters) > _MAX_TEXT or not all(map(_is_printable, characters)):
        return None
    return _KeyReport(code, modifier_number, event_number, characters)


def _number(digits: str, default: int) -> int:
    """A short number; -1 for what is none."""
    if not digits:
        return default
    return int(digits) if digits.isdecimal() and len(digits) <= 7 else -1


def _is_printable(code: int) -> bool:
    """Whether it is a character, and no control character."""
    is_text = 0x20 <= code < 0x7F or 0xA0 <= code < 0xD800 or 0xE000 <= code <= 0x10FFFF
    return is_text and code not in (0x2028, 0x2029)


def can_parse() -> bool:
    """Whether this Textual is one that `KeyParser` understands: a try with what matters."""
    cases = {
        "a": ("a", Key),
        "\x1bOS": ("f4", Key),
        "\x1b[1;1:1S": ("f4", Key),
        "\x1b[32;1;32u": ("space", Key),
        "\x1b[32;1:3u": ("space", KeyReleased),
        "\x1b[1;1:3S": ("f4", KeyReleased),
    }
    try:
        for sequence, (key, kind) in cases.items():
            (event,) = KeyParser().feed(sequence)
            if type(event) is not kind or getattr(event, "key", "") != key:
                return False
    except Exception as error:  # noqa: BLE001 - whatever a Textual of the future does
        _log.warning("no key releases with this Textual: %s", type(error).__name__)
        return False
    return True
