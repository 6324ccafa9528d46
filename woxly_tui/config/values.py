"""One value, checked against its setting, whatever source it came from."""

import difflib
from collections.abc import Iterable
from typing import Any

from woxly_tui.config.secret import Secret
from woxly_tui.config.settings import Setting, Value
from woxly_tui.errors import UsageError

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def check_value(setting: Setting, raw: Any, where: str, error: type[UsageError]) -> Value:
    """A value of the file, or one already of the right type.

    Args:
        setting: What it is for.
        raw: The value found.
        where: What to call it in a message: `config.toml:3: [call] muted`, or `--muted`.
        error: What to raise.

    Raises:
        UsageError: Wrong type, or not one of the choices.
    """
    if setting.kind is bool:
        if not isinstance(raw, bool):
            raise error(f"{where} must be true or false{_shown(setting, raw)}")
        return raw
    if setting.kind in (int, float):
        return _number(setting, raw, where, error)
    if not isinstance(raw, str):
        raise error(f'{where} must be text in quotes, "like this"{_shown(setting, raw)}')
    text = raw.strip()
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        raise error(f"{where} is not UTF-8 text")
    if setting.source.choices and text not in setting.source.choices:
        allowed = _listed(setting.source.choices)
        raise error(
            f"{where} must be {allowed}, not {text!r}", nearest(text, setting.source.choices)
        )
    return Secret(text) if setting.kind is Secret else text


def parse_text(setting: Setting, raw: str, where: str) -> Value:
    """A value of the environment or the command line.

    Raises:
        UsageError: It cannot be read as this setting.
    """
    if setting.kind in (int, float):
        return check_value(setting, _numeral(raw), where, UsageError)
    if setting.kind is not bool:
        return check_value(setting, raw, where, UsageError)
    word = raw.strip().lower()
    if word not in _TRUE | _FALSE:
        raise UsageError(f"{where} must be 1 or 0, not {raw!r}")
    return word in _TRUE


def nearest(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` for the known word most like this one; empty if none is like it."""
    found = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f'did you mean "{found[0]}"?' if found else ""


def _number(setting: Setting, raw: Any, where: str, error: type[UsageError]) -> int | float:
    least, most = setting.source.least, setting.source.most
    kinds = (int,) if setting.kind is int else (int, float)
    if type(raw) not in kinds or not least <= raw <= most:
        what = "a whole number" if setting.kind is int else "a number"
        raise error(f"{where} must be {what} from {least:g} to {most:g}{_shown(setting, raw)}")
    return setting.kind(raw)  # type: ignore[no-any-return]  # int or float


def _numeral(raw: str) -> int | float | str:
    """The number that a text is; the text where it is none."""
    for kind in (int, float):
        try:
            return kind(raw.strip())
        except ValueError:
            continue
    return raw.strip()


def _shown(setting: Setting, raw: Any) -> str:
    """The offending value, unless it is a secret."""
    if setting.kind is Secret:
        return ""
    text = repr(raw)
    return f", not {text if len(text) <= 40 else text[:39] + '…'}"


def _listed(choices: tuple[str, ...]) -> str:
    return f"{', '.join(choices[:-1])} or {choices[-1]}"
