"""How a participant's sound travels, in words. Quick to load."""

from collections.abc import Mapping
from typing import Any, Final

_NONE: Final = "–"


def detail_pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was measured of one participant, label and value.

    Args:
        values: The fields of `ParticipantDetails`, or none where nothing was measured.
    """
    codec = values.get("codec") or _NONE
    return [
        ("loss", _shown(values, "loss_percent", "%")),
        ("jitter", _shown(values, "jitter_ms", "ms")),
        ("round trip", _shown(values, "rtt_ms", "ms")),
        ("made up", _shown(values, "concealed_percent", "%")),
        ("buffer", _shown(values, "buffer_ms", "ms")),
        ("codec", codec),
        ("bitrate", _shown(values, "bitrate_kbps", "kbit/s")),
    ]


def detail_words(values: Mapping[str, Any]) -> str:
    """The same in one line, without what was not measured."""
    known = [f"{label} {value}" for label, value in detail_pairs(values) if value != _NONE]
    return ", ".join(known) or "nothing measured"


def _shown(values: Mapping[str, Any], name: str, unit: str) -> str:
    value = values.get(name)
    return _NONE if value is None else f"{value} {unit}"
