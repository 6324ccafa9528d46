"""The control protocol as a JSON schema, made from the dataclasses that are the protocol.

`python -m woxly_tui.control.schema` prints it as `docs/control-protocol.md` holds it.
"""

import dataclasses
import inspect
import json
import sys
import types
import typing
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Final

from woxly_tui._lib.codec import wire_name
from woxly_tui.call.snapshot import Snapshot
from woxly_tui.control import frames
from woxly_tui.control.messages import Command, Reply, Update

_INNER: Final[Mapping[tuple[type, str], tuple[type, ...]]] = {
    (frames.Request, "command"): Command.__args__,
    (frames.Response, "reply"): (Reply,),
    (frames.Changed, "update"): Update.__args__,
}
"""Fields that hold a message in a frame, and which."""

_PLAIN: Final = {str: "string", int: "integer", float: "number", bool: "boolean"}


def protocol_schema() -> dict[str, Any]:
    """The JSON schema of every line that goes over the socket."""
    definitions: dict[str, Any] = {}
    ways = {
        "front_end": frames.FrontEndFrame.__args__,
        "engine": frames.EngineFrame.__args__,
    }
    for classes in ways.values():
        for cls in classes:
            _define(cls, definitions, is_message=True)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"woxly control protocol {frames.PROTOCOL}",
        "description": "One line of the socket: what a front end says, or what the engine says.",
        "oneOf": [{"$ref": f"#/$defs/{way}"} for way in ways],
        "$defs": {way: _one_of(classes) for way, classes in ways.items()} | definitions,
    }


def schema_text() -> str:
    """The schema with one definition a line: short enough to read, long enough to compare."""
    schema = protocol_schema()
    definitions = schema.pop("$defs")
    head = json.dumps(schema, indent=1, ensure_ascii=False)[:-2]
    rows = [
        f"  {json.dumps(name)}: {json.dumps(what, ensure_ascii=False)}"
        for name, what in definitions.items()
    ]
    return head + ',\n "$defs": {\n' + ",\n".join(rows) + "\n }\n}\n"


def _one_of(classes: Iterable[type]) -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"#/$defs/{wire_name(cls)}"} for cls in classes]}


def _define(cls: type, definitions: dict[str, Any], *, is_message: bool = False) -> None:
    name = wire_name(cls)
    if name in definitions:
        return
    hints = typing.get_type_hints(cls)
    properties: dict[str, Any] = {"type": {"const": name}} if is_message or cls is Snapshot else {}
    # A snapshot has no type where it is part of a reply.
    required = ["type"] if is_message and cls is not Snapshot else []
    definitions[name] = {}
    for field in dataclasses.fields(cls):
        inner = _INNER.get((cls, field.name), ())
        for message in inner:
            _define(message, definitions, is_message=True)
        properties[field.name] = (
            _one_of(inner) if inner else _schema_of(hints[field.name], definitions)
        )
        has_default = field.default is not dataclasses.MISSING
        if not has_default and field.default_factory is dataclasses.MISSING:
            required.append(field.name)
    definitions[name] = {
        "description": " ".join((inspect.getdoc(cls) or name).split()),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _schema_of(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    while (supertype := getattr(hint, "__supertype__", None)) is not None:
        hint = supertype
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        inner = [
            {"type": "null"} if arg is type(None) else _schema_of(arg, definitions) for arg in args
        ]
        return {"anyOf": inner}
    if origin is tuple:
        return {"type": "array", "items": _schema_of(args[0], definitions)}
    if origin is not None and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema_of(args[1], definitions)}
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if isinstance(hint, type) and issubclass(hint, Enum):
        return {"enum": [item.value for item in hint]}
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        _define(hint, definitions)
        return {"$ref": f"#/$defs/{wire_name(hint)}"}
    return {}


if __name__ == "__main__":
    sys.stdout.write(schema_text())
