"""Dataclass messages as JSON lines: `{"type": "set_mute", "on": true}`.

Reading is strict: an unknown type, a missing or unknown field, or a value of the wrong
type raises ProtocolError that names it. Both pipes of the engine use this.
"""

import dataclasses
import json
import re
import types
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar

from woxly_tui.errors import ProtocolError

M = TypeVar("M")


def wire_name(cls: type) -> str:
    """Name of a message class on the wire: `SetMute` is `set_mute`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class LineCodec(Generic[M]):
    """Writes and reads the given message classes, one JSON object a line."""

    def __init__(self, classes: Iterable[type[M]]) -> None:
        self._classes = {wire_name(cls): cls for cls in classes}

    def encode(self, message: M) -> bytes:
        """One message as a line of ASCII JSON, newline included."""
        return (json.dumps(self.to_dict(message), separators=(",", ":")) + "\n").encode("ascii")

    def to_dict(self, message: M) -> dict[str, Any]:
        """One message as JSON values, its `type` first."""
        return {"type": wire_name(type(message)), **_dump_fields(message)}

    def decode(self, line: bytes | str) -> M:
        """Read one line.

        Raises:
            ProtocolError: The line is not a message of this codec.
        """
        try:
            raw = json.loads(line, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise ProtocolError(f"message is not JSON ({error})") from None
        return self.from_dict(raw)

    def from_dict(self, raw: Any) -> M:
        """Read one message from JSON values, as `to_dict` makes them.

        Raises:
            ProtocolError: They are not a message of this codec.
        """
        if not isinstance(raw, dict):
            raise ProtocolError("message is not a JSON object")
        fields = {key: value for key, value in raw.items() if key != "type"}
        name = raw.get("type")
        cls = self._classes.get(name) if isinstance(name, str) else None
        if cls is None:
            known = ", ".join(sorted(self._classes))
            raise ProtocolError(f"unknown message type {name!r}", f"known types are {known}")
        return typing.cast(M, _load_dataclass(cls, fields, str(name)))


def _no_number(word: str) -> float:
    raise ValueError(f"{word} is no number")


def _dump_fields(value: Any) -> dict[str, Any]:
    return {f.name: _dump(getattr(value, f.name)) for f in dataclasses.fields(value)}


def _dump(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _dump_fields(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _dump(item) for key, item in value.items()}
    if isinstance(value, (tuple, list, frozenset)):
        return [_dump(item) for item in value]
    return value


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _load_dataclass(cls: type, raw: Any, where: str) -> Any:
    if not isinstance(raw, dict):
        raise ProtocolError(f"{where} must be an object")
    hints = _hints(cls)
    if unknown := raw.keys() - hints.keys():
        raise ProtocolError(f"{where} has no field {min(unknown)!r}")
    values = {key: _load(hints[key], item, f"{where}.{key}") for key, item in raw.items()}
    try:
        return cls(**values)
    except TypeError as error:
        raise ProtocolError(f"{where} is incomplete ({error})") from None


def _load(hint: Any, raw: Any, where: str) -> Any:
    hint = getattr(hint, "__supertype__", hint)
    if getattr(hint, "__supertype__", None) is not None:
        return _load(hint, raw, where)
    if hint is Any:
        return raw
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if raw is None and type(None) in args:
            return None
        (inner,) = [arg for arg in args if arg is not type(None)]
        return _load(inner, raw, where)
    if origin is tuple and isinstance(raw, list):
        return tuple(_load(args[0], item, where) for item in raw)
    if origin is frozenset and isinstance(raw, list):
        return frozenset(_load(args[0], item, where) for item in raw)
    if origin in (dict, Mapping) and isinstance(raw, dict):
        return {_load(str, key, where): _load(args[1], item, where) for key, item in raw.items()}
    if isinstance(hint, type):
        return _load_plain(hint, raw, where)
    raise ProtocolError(f"{where} has the wrong type")


def _load_plain(hint: type, raw: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _load_dataclass(hint, raw, where)
    if issubclass(hint, Enum):
        try:
            return hint(raw)
        except ValueError:
            choices = ", ".join(str(item.value) for item in hint)
            raise ProtocolError(f"{where} must be one of {choices}") from None
    if hint is float and isinstance(raw, int) and not isinstance(raw, bool):
        raw = _as_float(raw, where)
    if type(raw) is not hint:
        raise ProtocolError(f"{where} must be {hint.__name__}")
    if isinstance(raw, str) and not _is_text(raw):
        raise ProtocolError(f"{where} holds half a character")
    return raw


def _as_float(raw: int, where: str) -> float:
    try:
        return float(raw)
    except OverflowError:
        raise ProtocolError(f"{where} is too large") from None


def _is_text(raw: str) -> bool:
    """Whether it can leave this process: JSON can hold half of a surrogate pair, UTF-8 cannot."""
    try:
        raw.encode()
    except UnicodeEncodeError:
        return False
    return True
