"""The command line as data: commands, flags and words, read from the parsers."""

import argparse
from typing import Final, NamedTuple

PEOPLE: Final = "people"
FILES: Final = "files"

_FILE_METAVARS: Final = ("FILE", "PATH")


class Value(NamedTuple):
    """What may stand in one place."""

    label: str
    choices: tuple[str, ...] = ()
    source: str = ""
    """PEOPLE or FILES, where it is not known beforehand."""


class Flag(NamedTuple):
    """A flag of a command."""

    names: tuple[str, ...]
    help: str
    value: Value | None = None


class CommandWords(NamedTuple):
    """One command; the one without a name is woxly itself."""

    name: str
    help: str
    flags: tuple[Flag, ...]
    places: tuple[Value, ...]


def described(parser: argparse.ArgumentParser) -> list[CommandWords]:
    """Woxly itself first, then its commands in the order of the help."""
    actions = parser._actions  # noqa: SLF001 - argparse has no public way to read a parser
    (commands,) = [a for a in actions if isinstance(a, argparse._SubParsersAction)]  # noqa: SLF001
    helps = {a.dest: a.help or "" for a in commands._choices_actions}  # noqa: SLF001
    return [
        CommandWords("", "", _flags(parser), ()),
        *(
            CommandWords(name, helps.get(name, ""), _flags(one), _places(name, one))
            for name, one in commands.choices.items()
        ),
    ]


def _flags(parser: argparse.ArgumentParser) -> tuple[Flag, ...]:
    return tuple(
        Flag(tuple(a.option_strings), a.help or "", None if a.nargs == 0 else _value("", a))
        for a in parser._actions  # noqa: SLF001 - as above
        if a.option_strings
    )


def _places(command: str, parser: argparse.ArgumentParser) -> tuple[Value, ...]:
    return tuple(
        _value(command, a)
        for a in parser._actions  # noqa: SLF001 - as above
        if not a.option_strings
    )


def _value(command: str, action: argparse.Action) -> Value:
    label = action.metavar if isinstance(action.metavar, str) else action.dest
    choices = tuple(action.choices or ())
    if not choices and "|" in label:
        choices = tuple(label.split("|"))
    if (command, action.dest) == ("volume", "name"):
        return Value(label, choices, PEOPLE)
    return Value(label, choices, FILES if label in _FILE_METAVARS else "")
