"""Who hears us, by what each of the others tells of its own playout. Quick to load."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol


class Listener(Protocol):
    """What matters of one of the others."""

    @property
    def name(self) -> str: ...
    @property
    def is_connecting(self) -> bool: ...
    @property
    def is_deafened(self) -> bool: ...
    @property
    def hears_us(self) -> bool | None: ...


class Hearers(NamedTuple):
    """The others, by whether they hear us while our microphone is open."""

    heard: int = 0
    deaf: tuple[str, ...] = ()
    """Names of those who do not, as they are: not cleaned here."""
    unknown: int = 0
    """Those who do not tell, as a browser does not."""

    @property
    def known(self) -> int:
        """How many tell, or are known to be deafened."""
        return self.heard + len(self.deaf)


def hearers(others: Iterable[Listener]) -> Hearers:
    """Count the others. Who is only just connecting is left out."""
    there = [one for one in others if not one.is_connecting]
    if all(one.hears_us is None for one in there):
        return Hearers(unknown=len(there))
    answers = [False if one.is_deafened else one.hears_us for one in there]
    deaf = [one.name for one, hears in zip(there, answers, strict=True) if hears is False]
    return Hearers(answers.count(True), tuple(deaf), answers.count(None))


def heard_words(hearers: Hearers, names: int = 3) -> str:
    """`heard by 2 of 3, not by bob, 1 unknown`; empty where nobody tells.

    Args:
        hearers: Who hears us.
        names: Most names that are said; the others are counted.
    """
    if not hearers.known:
        return ""
    words = f"heard by {hearers.heard} of {hearers.known}"
    if hearers.deaf:
        words += f", not by {some_names(hearers.deaf, names)}"
    return f"{words}, {hearers.unknown} unknown" if hearers.unknown else words


def some_names(names: tuple[str, ...], most: int) -> str:
    """The first names, and how many more."""
    said = ", ".join(names[:most])
    return f"{said} and {len(names) - most} more" if len(names) > most else said
