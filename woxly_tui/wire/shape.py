"""JSON payloads as dataclasses: snake_case in Python, camelCase on the wire."""

import dataclasses
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeVar, dataclass_transform

T = TypeVar("T")

_OMITS_NONE: Final = "__omits_none__"


def camel(name: str) -> str:
    """`room_id` is `roomId`."""
    head, *rest = name.split("_")
    return head + "".join(word.title() for word in rest)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def payload(cls: type[T]) -> type[T]:
    """Make a class a payload whose absent values are written as null."""
    return _make(cls, omits_none=False)


@dataclass_transform(frozen_default=True, kw_only_default=True)
def sparse_payload(cls: type[T]) -> type[T]:
    """Make a class a payload whose absent values are left out."""
    return _make(cls, omits_none=True)


def _make(cls: type[T], *, omits_none: bool) -> type[T]:
    # pydantic, where the server has it, reads this and names fields as `dump` does.
    setattr(cls, "__pydantic_config__", {"alias_generator": camel})  # noqa: B010 - mypy knows no such name
    setattr(cls, _OMITS_NONE, omits_none)
    return dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(cls)


def dump(value: Any) -> Any:
    """JSON values of a payload, or of a list of them."""
    if isinstance(value, list):
        return [dump(item) for item in value]
    if isinstance(value, type) or not dataclasses.is_dataclass(value):
        return value
    omits_none = getattr(value, _OMITS_NONE, False)
    found = {key: dump(getattr(value, name)) for name, key in _keys(value.__class__)}
    return {key: item for key, item in found.items() if not (omits_none and item is None)}


@cache
def _keys(cls: type) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, camel(field.name)) for field in dataclasses.fields(cls))


def wire_time(milliseconds: int) -> str:
    """Milliseconds since 1970 as the wire has them: `2026-11-24T18:25:52.000Z`."""
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def wire_time_or_none(milliseconds: int | None) -> str | None:
    """The same for a time that may be missing."""
    return None if milliseconds is None else wire_time(milliseconds)
