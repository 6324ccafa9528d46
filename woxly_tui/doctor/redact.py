"""Takes out of a report what tells who and where somebody is."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final

_TOKEN: Final = re.compile(r"eyJ[\w-]*(\.[\w-]*){0,2}")
_V4: Final = re.compile(r"\b\d{1,3}(\.\d{1,3}){3}\b")
_MAYBE_V6: Final = re.compile(r"(?<![\w:])[0-9a-fA-F:]*:[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:%\w+)?")
_URL_HOST: Final = re.compile(r"(\b\w+://)[^\s/:,;'\"`]+")
_SOUND_HOST: Final = re.compile(r"\b(tcp[46]?:)[^\s:]+")
_HOME: Final = re.compile(r"(/home|/Users)/[^\s/]+")
_RUNTIME: Final = re.compile(r"/run/user/\d+")

_MIN_CHARS: Final = 2
"""Shorter names would take half of every word along."""


class Redactor:
    """Knows what must not be shown.

    Args:
        private: Names, hosts, rooms, secrets, paths; in any order.
    """

    def __init__(self, private: Iterable[str]) -> None:
        known = {text.strip() for text in private if len(text.strip()) >= _MIN_CHARS}
        words = "|".join(re.escape(text) for text in sorted(known, key=len, reverse=True))
        self._known = re.compile(rf"(?<!\w)({words})(?!\w)", re.IGNORECASE) if words else None

    def clean(self, text: str) -> str:
        """The same without any of it."""
        text = _TOKEN.sub("<token>", text)
        if self._known is not None:
            text = self._known.sub("<private>", text)
        text = _URL_HOST.sub(r"\1<host>", text)
        text = _SOUND_HOST.sub(r"\1<host>", text)
        text = _V4.sub("<address>", text)
        text = _MAYBE_V6.sub(_address, text)
        text = _RUNTIME.sub("/run/user/<id>", text)
        return _HOME.sub(r"\1/<user>", text)


def _address(found: re.Match[str]) -> str:
    """Hidden where it is an address, and not a time of day."""
    try:
        ipaddress.IPv6Address(found.group())
    except ValueError:
        return found.group()
    return "<address>"
