"""Queries on paths that many take: put together once, asked again with other values."""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Dialect, Select


class Question:
    """A query by key whose values are `bindparam`s. Make it once, as a constant of its file."""

    def __init__(self, query: Select[*tuple[Any, ...]]) -> None:
        self.query: Final = query


@dataclass(frozen=True, slots=True)
class Worded:
    """A question in the words of one database."""

    sql: str
    names: tuple[str, ...]
    """Of the values, in the order in which they are handed over."""
    fixed: dict[str, Any]
    """Values that the question itself has."""

    def values(self, given: dict[str, Any]) -> tuple[Any, ...]:
        """What is handed over with the words."""
        known = {**self.fixed, **given}
        return tuple(known[name] for name in self.names)


def worded(question: Question, dialect: Dialect) -> Worded:
    """A question as a database understands it; it may hold no IN, whose length is not fixed."""
    compiled: Any = question.query.compile(dialect=dialect)
    fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
    return Worded(str(compiled), tuple(compiled.positiontup or ()), fixed)
