import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fake_engine import NOON, YOU, person
from tests.unit.plain.calls import call
from woxly_tui.errors import UsageError
from woxly_tui.plain.fields import field_names, formatted, values
from woxly_tui.plain.view import CallView
from woxly_tui.types import Identity


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{state}", "live"),
        ("{word} {count}", "LIVE 4"),
        ("{room}@{server} {duration} {rtt_ms} ms", "standup@127.0.0.1:7880 12:41 38 ms"),
        ("{names}", "ann, bob, Echo"),
        ("{muted}/{deafened}", "false/false"),
        ("{{state}} }}{{", "{state} }{"),
        ("#[fg=red]{state}", "#[fg=red]live"),
        ("", ""),
        ("plain", "plain"),
    ],
)
def test_fields_are_filled_in(template: str, text: str) -> None:
    assert formatted(template, call(), NOON) == text


def test_without_a_call_every_field_still_has_a_text() -> None:
    for name in field_names():
        formatted(f"{{{name}}}", CallView(), NOON)
    assert formatted("{word}|{room}|{count}|{muted}|{rtt_ms}", CallView(), NOON) == (
        "NO CALL||0|true|"
    )


@pytest.mark.parametrize(
    "template", ["{x}", "{}", "{state.__class__}", "{state!r}", "{state:>9}", "{0}", "{ state }"]
)
def test_an_unknown_field_is_an_error_that_names_the_known(template: str) -> None:
    with pytest.raises(UsageError, match="knows no field") as caught:
        formatted(template, call(), NOON)
    assert [name for name in field_names() if name not in caught.value.remedy] == []


@pytest.mark.parametrize("template", ["{", "}", "a{state", "state}", "{{}"])
def test_a_lone_brace_is_an_error(template: str) -> None:
    with pytest.raises(UsageError, match="single"):
        formatted(template, call(), NOON)


@given(st.text())
def test_any_template_is_text_or_a_usage_error(template: str) -> None:
    with contextlib.suppress(UsageError):
        formatted(template, call(), NOON)


def test_what_people_choose_cannot_end_a_line_or_reach_the_terminal() -> None:
    evil = replace(person("x"), name="a\n\x1b[2Jb")
    shown = formatted("{names}|{room}", call((YOU, evil)), NOON)
    assert shown.isprintable()


def test_json_has_every_field_and_plain_ascii() -> None:
    text = json.dumps(values(call((YOU, person("Zoë"))), NOON))
    assert text.isascii()
    assert list(json.loads(text)) == field_names()


def test_an_identity_is_made_harmless_though_nothing_else_cleans_it() -> None:
    me = replace(YOU, identity=Identity("me\x1b[2J\u202e"))
    assert formatted("{identity}", call((me,)), NOON) == "me [2J "
