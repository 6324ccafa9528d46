"""Web addresses in text from other people: where they stand, and where they really lead."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

MAX_TARGET_CHARS: Final = 2048
"""Longest address that is a link; browsers take little more."""

_ADDRESS: Final = re.compile(r"\bhttps?://[^\s<>\"`|\\^{}]+", re.IGNORECASE)
_HOST: Final = re.compile(r"[a-z0-9.-]+(:\d{1,5})?|\[[0-9a-f:.]+\](:\d{1,5})?", re.IGNORECASE)
_TRAILING: Final = ".,;:!?'*_~…"
_CLOSING: Final = {")": "(", "]": "["}


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a line, as indices of its characters."""

    start: int
    end: int
    target: str
    """ASCII; what is shown is this, but for characters that are written as %xx."""


def find_links(line: str) -> list[Link]:
    """The web addresses in a line of clean text.

    Only http and https; none with a user name, behind which the host would hide, and none
    whose host is not plain ASCII, since other letters may look like it.
    """
    links = []
    for match in _ADDRESS.finditer(line):
        text = _trimmed(match.group())
        if (target := _target(text)) is not None:
            links.append(Link(match.start(), match.start() + len(text), target))
    return links


def _trimmed(text: str) -> str:
    """Without the punctuation of the sentence around it."""
    while text:
        last = text[-1]
        opening = _CLOSING.get(last)
        if last in _TRAILING or (opening and text.count(last) > text.count(opening)):
            text = text[:-1]
        else:
            break
    return text


def _target(text: str) -> str | None:
    try:
        host = urlsplit(text).netloc
    except ValueError:
        return None
    if not _HOST.fullmatch(host):
        return None
    target = quote(text, safe="!#$%&'()*+,/:;=?@[]~-._")
    return target if len(target) <= MAX_TARGET_CHARS else None
