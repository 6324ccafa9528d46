"""Which device a typed name means. Pure, and light: commands that must be quick load it."""

from collections.abc import Sequence


def devices_called(typed: str, names: Sequence[tuple[str, str]]) -> list[str]:
    """The server's names of the devices that are meant; more than one where that is not clear.

    Args:
        typed: A name or a description, or the beginning of one; capitals make no difference.
        names: The server's name of each, and its description.
    """
    wanted = typed.strip().casefold()
    if not wanted:
        return []
    for is_meant in (str.__eq__, str.startswith):
        hits = [
            name
            for name, description in names
            if any(is_meant(text.casefold(), wanted) for text in (name, description))
        ]
        if hits:
            return hits
    return []
