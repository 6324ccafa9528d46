"""States of a call as they come over the wire."""

from collections.abc import Iterable
from typing import Any

from tests.tui.fake_engine import FRIENDS, in_call
from woxly_tui.call.snapshot import ParticipantView, Snapshot
from woxly_tui.control.messages import UPDATES
from woxly_tui.plain.view import CallView, call_view


def seen(snapshot: Snapshot) -> CallView:
    """What the lines are made of, by way of the wire."""
    return call_view(UPDATES.to_dict(snapshot))


def call(people: Iterable[ParticipantView] = FRIENDS, **fields: Any) -> CallView:
    return seen(in_call(people, **fields))
