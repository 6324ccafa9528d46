"""The state of the call, flat and made harmless, read straight from the wire.

Quick to load: a command bound to a key has no time for the dataclasses of `call.snapshot`.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from woxly_tui._lib.text import clean_name
from woxly_tui.call.hearers import Hearers, heard_words, hearers
from woxly_tui.call.state import CallPhase, state_word
from woxly_tui.plain.rings import RingsView, rings_view
from woxly_tui.plain.text import harmless

NO_CALL: Final = "no call"
"""The state without a call; the other states are the words of StateWord, in lower case."""

_OVER: Final = (CallPhase.IDLE, CallPhase.ENDED)


class Person(NamedTuple):
    """One participant, ourselves included."""

    identity: str
    """As the server knows it: not cleaned, never printed as it is."""
    name: str
    is_you: bool = False
    is_muted: bool = False
    is_deafened: bool = False
    has_microphone: bool = True
    is_connecting: bool = False
    quality: str = "unknown"
    volume_percent: int = 100
    hears_us: bool | None = None
    """By its own word; None where it tells nothing."""
    is_recording: bool = False
    heard: str = ""
    """Of ourselves, who hears us, in words."""


class CallView(NamedTuple):
    """What the lines are made of; the default is no call."""

    state: str = NO_CALL
    room: str = ""
    server: str = ""
    established_at: float | None = None
    """Wall-clock time of the first join."""
    people: tuple[Person, ...] = ()
    is_open: bool = False
    """Whether others can hear us, as the worker confirmed."""
    is_silent: bool = False
    """It is open, and delivers nothing."""
    is_deafened: bool = False
    is_talking: bool = False
    """The push-to-talk key is down."""
    is_failing: bool = False
    """A change was asked for over a second ago, and is not confirmed."""
    backend: str = ""
    xruns: int | None = None
    """Blocks of sound lost or invented; None where that is not counted."""
    quality: str = "unknown"
    rtt_ms: int | None = None
    trouble: str = ""
    """Why we are reconnecting, have no microphone, or have left."""
    is_recording: bool = False
    """We record the call ourselves."""
    record_folder: str = ""
    """Where to, or where the last recording is."""
    recording_since: float | None = None
    ending: str = ""
    """Value of the EndReason, once the call is over."""
    rings: RingsView = RingsView()
    """Who rings whom, where somebody is online on a Woxly server."""

    @property
    def has_call(self) -> bool:
        return self.state != NO_CALL

    @property
    def others(self) -> tuple[Person, ...]:
        """Everyone but ourselves."""
        return tuple(person for person in self.people if not person.is_you)

    @property
    def recorders(self) -> tuple[Person, ...]:
        """Whoever records the call, ourselves included."""
        return tuple(person for person in self.people if person.is_recording)

    @property
    def hearers(self) -> Hearers:
        """Who hears us; nobody is counted while our microphone is not open."""
        return hearers(self.others) if self.is_open else Hearers()

    @property
    def you(self) -> Person | None:
        """Ourselves, once we are known."""
        return next((person for person in self.people if person.is_you), None)


def call_view(snapshot: Mapping[str, Any], lobby: Mapping[str, Any] | None = None) -> CallView:
    """Read a snapshot, and the state of the lobby beside it, as they are on the wire."""
    mic = snapshot["microphone"]
    ending = snapshot["ending"] or {}
    recording = snapshot["recording"]
    is_over = snapshot["phase"] in _OVER
    word = state_word(
        snapshot["phase"],
        mic["state"],
        is_starting=mic["is_starting"],
        is_deafened=mic["is_deafened"],
        is_silent=mic["is_silent"],
    )
    call = CallView(
        state=NO_CALL if is_over else word.lower(),
        room=clean_name(snapshot["room"], fallback=""),
        server=clean_name(snapshot["server"], fallback=""),
        established_at=snapshot["established_at"],
        people=() if is_over else tuple(_person(one) for one in snapshot["participants"]),
        is_open=mic["state"] == "open" and not is_over,
        is_deafened=mic["is_deafened"],
        is_silent=mic["is_silent"],
        is_talking=mic["ptt"]["is_down"],
        is_failing=mic["is_failing"],
        backend=mic["backend"],
        xruns=snapshot["xruns"],
        quality=snapshot["quality"],
        rtt_ms=snapshot["rtt_ms"],
        trouble=harmless(snapshot["trouble"] or ending.get("message", "") or mic["cause"]),
        ending=ending.get("reason", ""),
        rings=rings_view(lobby),
        is_recording=recording["is_on"],
        record_folder=harmless(recording["folder"]),
        recording_since=recording["began_at"],
    )
    return call._replace(people=tuple(_with_hearers(one, call) for one in call.people))


def _with_hearers(person: Person, call: CallView) -> Person:
    return person._replace(heard=heard_words(call.hearers)) if person.is_you else person


def _person(view: Mapping[str, Any]) -> Person:
    return Person(
        identity=view["identity"],
        name=clean_name(view["name"], fallback=clean_name(view["identity"])),
        is_you=view["is_local"],
        is_muted=view["is_muted"],
        is_deafened=view["is_deafened"],
        has_microphone=view["has_microphone"],
        is_connecting=view["is_connecting"],
        quality=view["quality"],
        volume_percent=view["volume_percent"],
        hears_us=view["hears_us"],
        is_recording=view["is_recording"],
    )
