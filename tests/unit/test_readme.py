"""README says what the program does, because a test compares them."""

import re
from pathlib import Path
from typing import Final

from woxly_tui.cli.command_line import described
from woxly_tui.cli.main import build_parser
from woxly_tui.cli.say import MAX_BYTES, MAX_LINES
from woxly_tui.cli.status import StatusCode
from woxly_tui.control.lobby import LobbyCommand
from woxly_tui.control.messages import COMMANDS, Command, Join
from woxly_tui.errors import ExitCode
from woxly_tui.plain.fields import fields_markdown
from woxly_tui.plain.words import words_markdown
from woxly_tui.tui.actions import key_table_markdown
from woxly_tui.tui.lobby_actions import LOBBY_ACTIONS, MESSAGE_ACTIONS

ROOT: Final = Path(__file__).parents[2]
README: Final = (ROOT / "README.md").read_text("utf-8")


def between(marker: str) -> str:
    """What stands between `<!-- marker -->` and `<!-- /marker -->`."""
    found = re.search(f"<!-- {marker} -->\n(.*?)<!-- /{marker} -->", README, re.DOTALL)
    assert found is not None, f"README has no part marked {marker}"
    return found[1]


def test_the_key_table_is_that_of_the_screen() -> None:
    assert between("keys") == key_table_markdown()
    assert between("lobby-keys") == key_table_markdown(LOBBY_ACTIONS)
    assert between("message-keys") == key_table_markdown(MESSAGE_ACTIONS)


def test_every_exit_code_is_listed_once_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \| .+ \|$", between("exit-codes"), re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(c.value, c.name) for c in ExitCode]


def test_every_headless_command_is_named_and_can_be_typed_as_shown() -> None:
    examples = re.findall(r'`(\{"type":[^`]*\})`', README)
    # A headless call is joined by its flags; those of the lobby are on a page of their own.
    known = set(Command.__args__) - {Join} - set(LobbyCommand.__args__)
    assert {type(COMMANDS.decode(example)) for example in examples} == known


def test_links_lead_somewhere() -> None:
    gone = [
        f"{page.name}: {link}"
        for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
        for link in re.findall(r"\]\(([^)#:$]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / link).exists()
    ]
    assert gone == []


def test_the_measured_latency_stands_beside_its_rivals() -> None:
    section = between("bench:latency")
    ratios = re.findall(r"\| (\d\.\d\d) of it \|", section)
    assert len(ratios) == 2
    assert all(0 < float(ratio) <= 1.1 for ratio in ratios)


def test_every_verb_is_listed_and_can_be_typed() -> None:
    rows = re.findall(r"^\| `woxly ([^`]+)` \|", between("verbs"), re.MULTILINE)
    listed = [row.split() for row in rows]
    asking = [
        command.name
        for command in described(build_parser())
        if any("--engine" in flag.names for flag in command.flags) and command.name != "attach"
    ]
    assert [words[0] for words in listed] == asking
    for words in listed:
        typed = {"ptt": ["ptt", "up"]}.get(words[0], words)
        assert hasattr(build_parser(words[0]).parse_args(typed), "run")


def test_the_codes_of_status_are_listed_in_order() -> None:
    rows = re.findall(r"^\| (\d+) \| (\w+) \| .+ \|$", between("status-codes"), re.MULTILINE)
    assert [(int(code), name) for code, name in rows] == [(c.value, c.name) for c in StatusCode]


def test_the_fields_and_the_words_are_those_there_are() -> None:
    assert between("fields") == fields_markdown()
    assert between("words") == words_markdown()


def test_the_cap_of_say_is_the_one_it_has() -> None:
    assert f"the last {MAX_BYTES:,} bytes and {MAX_LINES:,} lines" in " ".join(README.split())


def test_the_measured_verbs_keep_the_promise() -> None:
    medians = re.findall(r"\| (\d+) ms \| \d+ ms \| \d\.\d \|", between("bench:verbs"))
    assert len(medians) == 2
    assert all(int(median) <= 100 for median in medians)
