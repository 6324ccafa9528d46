"""The schema in the documentation is that of the code, and fits what the code sends."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from woxly_tui.call.snapshot import ChatMessage, Levels, Notice, Severity, Snapshot
from woxly_tui.control import frames
from woxly_tui.control.messages import COMMANDS, UPDATES, Join, Reply, SetMute
from woxly_tui.control.schema import protocol_schema, schema_text
from woxly_tui.errors import ExitCode
from woxly_tui.types import Identity, RoomName, Seconds

PAGE: Final = (Path(__file__).parents[3] / "docs" / "control-protocol.md").read_text("utf-8")

LINES: Final = [
    frames.FRONT_END_FRAMES.to_dict(frames.Hello(1, "1.0")),
    frames.FRONT_END_FRAMES.to_dict(frames.Attach(levels_hz=10.0, is_compact=True)),
    frames.FRONT_END_FRAMES.to_dict(frames.Request(1, COMMANDS.to_dict(SetMute(on=True)))),
    frames.FRONT_END_FRAMES.to_dict(
        frames.Request(2, COMMANDS.to_dict(Join(url="u", server="s", room=RoomName("r"))))
    ),
    frames.ENGINE_FRAMES.to_dict(frames.Response(1, UPDATES.to_dict(Reply(True, Snapshot())))),
    *(
        frames.ENGINE_FRAMES.to_dict(frames.Changed(UPDATES.to_dict(update)))
        for update in (
            Snapshot(),
            Levels(),
            Notice(Severity.INFO, "text"),
            ChatMessage(1, Identity("a"), "A", "hello", Seconds(1.0)),
        )
    ),
    frames.ENGINE_FRAMES.to_dict(frames.LevelsChanged({Identity("ann"): -20})),
]


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """The part of JSON Schema that our own schema uses."""
    if "$ref" in schema:
        return fits(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "oneOf" in schema:
        return sum(fits(value, each, root) for each in schema["oneOf"]) == 1
    if "anyOf" in schema:
        return any(fits(value, each, root) for each in schema["anyOf"])
    if "const" in schema or "enum" in schema:
        return value in schema.get("enum", [schema.get("const")])
    match schema.get("type"):
        case "object":
            known, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
            if not isinstance(value, dict) or not set(schema.get("required", ())) <= value.keys():
                return False
            if rest is False:
                rest = {"enum": []}
            return all(fits(item, known.get(key, rest), root) for key, item in value.items())
        case "array":
            return isinstance(value, list) and all(
                fits(item, schema["items"], root) for item in value
            )
        case str(kind):
            kinds = {"string": str, "integer": int, "boolean": bool, "null": type(None)}
            is_number = kind == "number" and isinstance(value, int | float)
            return is_number or type(value) is kinds.get(kind)
    return True


@pytest.mark.parametrize("line", LINES, ids=lambda line: str(line["type"]))
def test_what_is_sent_fits_the_schema(line: dict[str, Any]) -> None:
    schema = protocol_schema()
    assert fits(json.loads(json.dumps(line)), schema, schema)
    assert not fits({**line, "unheard": 1}, schema, schema)
    assert not fits({**line, "type": "fly"}, schema, schema)


def test_the_page_holds_the_schema_of_the_code() -> None:
    (held,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert held == schema_text(), "python -m woxly_tui.control.schema prints what belongs there"


def test_the_page_names_the_version_and_every_exit_code() -> None:
    assert f"protocol {frames.PROTOCOL}" in PAGE
    for code in (ExitCode.NO_CALL, ExitCode.FAILED):
        assert f"`{code.value}`" in PAGE
