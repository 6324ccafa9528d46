"""Who is meant by a name typed on a command line."""

import unicodedata
from collections.abc import Sequence

from woxly_tui.errors import UsageError
from woxly_tui.plain.view import Person


def find_person(typed: str, people: Sequence[Person]) -> Person:
    """The one participant a name, an identity, or the beginning of one stands for.

    Capital letters and the ways to write an accent make no difference. A whole name goes
    before the beginning of others, and `=bob` is the identity `bob` and nothing else.

    Raises:
        UsageError: Nobody is called that, or more than one; it lists who is there.
    """
    if chosen := [person for person in people if f"={person.identity}" == typed]:
        return chosen[0]
    wanted = _folded(typed)
    if not wanted:
        raise UsageError("no name given", _who_is_there(people))
    found = [p for p in people if wanted in (_folded(p.name), _folded(p.identity))]
    if not found:
        found = [p for p in people if _folded(p.name).startswith(wanted)]
    if not found:
        found = [p for p in people if _folded(p.identity).startswith(wanted)]
    if len(found) == 1:
        return found[0]
    shown = _shown(typed)
    if not found:
        raise UsageError(f"nobody here is called {shown}", _who_is_there(people))
    raise UsageError(
        f"{shown} may be any of {len(found)} people: {', '.join(map(_with_identity, found))}",
        "nothing was done; type more of the name, or the identity as it stands in brackets",
    )


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.strip()).casefold()
    return unicodedata.normalize("NFKC", plain)


def _shown(text: str) -> str:
    return repr(text) if text.isprintable() else ascii(text)


def _with_identity(person: Person) -> str:
    identity = person.identity if person.identity.isprintable() else ascii(person.identity)
    return f"{person.name} (={identity})"


def _who_is_there(people: Sequence[Person]) -> str:
    if not people:
        return "nobody else is in the call"
    return "here are " + ", ".join(map(_with_identity, people))
