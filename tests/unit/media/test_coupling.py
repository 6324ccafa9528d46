import random
from collections.abc import Callable
from typing import Final

import pytest

from woxly_tui.media.coupling import CouplingEar, judge_cue
from woxly_tui.media.device_messages import Coupling
from woxly_tui.types import Seconds

ROOM: Final = 0.002
PHRASES: Final = 30
SECOND: Final = 10
"""Peaks a second of each."""


class Talk:
    """Minutes of a call, in tenths of a second: what the speaker plays, what the user adds."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self.speaker: list[float] = []
        self.user: list[float] = []
        self.verdicts: set[Coupling] = set()
        """All that an ear said meanwhile."""

    def voice(self, length: int, loud: float) -> list[float]:
        """Words: loud, with dips between them that last no half second."""
        return [loud * self.random.choice([1.0, 0.8, 0.6, 0.4, 0.15]) for _ in range(length)]

    def add(self, speaker: list[float], user: list[float] | None = None) -> None:
        user = user or []
        length = max(len(speaker), len(user))
        self.speaker += speaker + [0.0] * (length - len(speaker))
        self.user += user + [0.0] * (length - len(user))

    def others(self, phrases: int = PHRASES, loud: float = 0.3) -> None:
        """Others speak in phrases, with pauses."""
        for _ in range(phrases):
            length = self.random.randint(4, 40)
            self.add(self.voice(length, loud))
            self.add([0.0] * self.random.randint(9, 25))

    def told_to(
        self,
        ear: CouplingEar,
        gain: float,
        *,
        lag: int = 0,
        room: Callable[[], float] = lambda: ROOM,
    ) -> Coupling:
        """Play it all to an ear whose microphone hears the speaker with that gain."""
        for number, (played, said) in enumerate(zip(self.speaker, self.user, strict=True)):
            echo = gain * self.speaker[number - lag] if number >= lag else 0.0
            now = number / SECOND
            ear.hear_speaker(played, Seconds(now))
            ear.hear_microphone(min(1.0, max(echo, said, room())), Seconds(now + 0.03))
            self.verdicts.add(ear.verdict)
        return ear.verdict


@pytest.mark.parametrize("lag", [0, 1, 2, 3])
@pytest.mark.parametrize("gain", [1.0, 0.1, 0.03])
def test_a_microphone_that_follows_the_speaker_hears_it(gain: float, lag: int) -> None:
    talk = Talk()
    talk.others(12)
    assert talk.told_to(CouplingEar(), gain, lag=lag) is Coupling.COUPLED


@pytest.mark.parametrize("gain", [0.0, 0.002])
def test_a_microphone_that_hears_nothing_of_it_is_apart(gain: float) -> None:
    talk = Talk()
    talk.others(6)
    assert talk.told_to(CouplingEar(), gain) is Coupling.APART


def test_three_phrases_are_enough() -> None:
    talk = Talk()
    talk.add([0.0] * 10)
    talk.others(3)
    assert talk.told_to(CouplingEar(), 0.1) is Coupling.COUPLED
    assert talk.told_to(CouplingEar(), 0.0) is Coupling.APART


@pytest.mark.parametrize("seed", range(40))
def test_whoever_talks_while_others_do_is_no_loudspeaker(seed: int) -> None:
    talk = Talk(seed)
    talk.others(4)
    for _ in range(PHRASES):
        theirs = talk.voice(talk.random.randint(4, 40), 0.3)
        start = talk.random.randint(0, len(theirs) + 8)
        mine = talk.voice(talk.random.randint(2, 30), 0.3) if talk.random.random() < 0.5 else []
        talk.add(theirs, [0.0] * start + mine)
        talk.add([0.0] * talk.random.randint(9, 25))
    assert talk.told_to(CouplingEar(), 0.0) is Coupling.APART
    assert Coupling.COUPLED not in talk.verdicts


@pytest.mark.parametrize("seed", range(10))
def test_loudspeakers_are_found_though_the_user_talks_a_lot(seed: int) -> None:
    talk = Talk(seed)
    for _ in range(PHRASES):
        theirs = talk.voice(talk.random.randint(4, 40), 0.3)
        mine = talk.voice(talk.random.randint(2, 30), 0.3) if talk.random.random() < 0.5 else []
        talk.add(theirs, [0.0] * talk.random.randint(0, 40) + mine)
        talk.add([0.0] * talk.random.randint(9, 25))
    assert talk.told_to(CouplingEar(), 0.1) is Coupling.COUPLED


@pytest.mark.parametrize("seed", range(20))
def test_knocks_and_keys_are_no_loudspeaker(seed: int) -> None:
    talk = Talk(seed)
    talk.others()
    rest = random.Random(seed + 100)
    verdict = talk.told_to(CouplingEar(), 0.0, room=lambda: 0.4 if rest.random() < 0.05 else ROOM)
    assert verdict is not Coupling.COUPLED


@pytest.mark.parametrize(("gain", "expected"), [(0.0, Coupling.APART), (0.3, Coupling.COUPLED)])
def test_a_fan_hides_no_loudspeaker_and_makes_none(gain: float, expected: Coupling) -> None:
    talk = Talk()
    talk.others()
    rest = random.Random(3)
    noise = lambda: 0.02 * rest.uniform(0.85, 1.2)  # noqa: E731 - one line says it
    assert talk.told_to(CouplingEar(), gain, room=noise) is expected


def test_double_talk_without_an_end_tells_nothing() -> None:
    talk = Talk()
    talk.add(talk.voice(1200, 0.3), talk.voice(1200, 0.3))
    assert talk.told_to(CouplingEar(), 0.0) is Coupling.UNKNOWN


def test_soft_words_that_are_not_heard_prove_nothing() -> None:
    talk = Talk()
    talk.others(loud=0.04)
    assert talk.told_to(CouplingEar(), 0.0) is Coupling.UNKNOWN


def test_a_speaker_that_is_turned_up_and_down_again_is_noticed() -> None:
    ear, talk = CouplingEar(), Talk()
    talk.add([0.0] * 10)
    talk.others(4)
    told = [talk.told_to(ear, gain) for gain in (0.0, 0.2, 0.0)]
    assert told == [Coupling.APART, Coupling.COUPLED, Coupling.APART]


def test_other_devices_begin_anew_and_a_pause_forgets_nothing() -> None:
    ear = CouplingEar()
    ear.take_cue(True)
    ear.pause()
    told = [ear.verdict]
    ear.forget()
    assert [*told, ear.verdict] == [Coupling.COUPLED, Coupling.UNKNOWN]
    talk = Talk()
    talk.others(2)
    assert talk.told_to(ear, 0.0) is Coupling.UNKNOWN


CUE: Final = [0.1, 0.12, 0.1, 0.12, 0.1]
QUIET: Final = [ROOM] * 6


def test_a_cue_settles_it() -> None:
    for is_heard, verdict in ((False, Coupling.APART), (True, Coupling.COUPLED)):
        ear = CouplingEar()
        ear.take_cue(is_heard)
        assert ear.verdict is verdict


@pytest.mark.parametrize(
    ("before", "during", "after", "heard"),
    [
        (QUIET, [*QUIET, *CUE, *QUIET], QUIET, True),
        (QUIET, [*QUIET, *QUIET], QUIET, False),
        # The key that unmutes is heard before.
        ([ROOM, 0.3, ROOM, ROOM, ROOM], [*QUIET, *CUE, *QUIET], QUIET, True),
        ([ROOM, 0.3, ROOM, ROOM, ROOM], [*QUIET, *QUIET], QUIET, False),
        # A knock while it sounds.
        (QUIET, [*QUIET, 0.4, 0.02, ROOM, *QUIET], QUIET, None),
        # Somebody begins to talk, or talked all the time.
        (QUIET, [*QUIET, *CUE, *CUE], CUE, None),
        (CUE, [*CUE, *CUE], CUE, None),
        (CUE, [*QUIET, *QUIET], QUIET, None),
        # A fan.
        ([0.01, 0.012, 0.009, 0.011], [0.01, 0.012, 0.009, 0.013] * 3, [0.01, 0.011], False),
        # Nothing came of the microphone in time.
        ([], [*QUIET, *CUE], QUIET, None),
        (QUIET, [], QUIET, None),
        (QUIET, [*QUIET, *CUE], [], None),
        # Exact zeros, as of a microphone that is switched off, or a device of numbers.
        ([0.0] * 5, [0.0] * 12, [0.0] * 6, False),
        ([0.0] * 5, [0.0, *CUE, 0.0], [0.0] * 6, True),
    ],
)  # fmt: skip
def test_what_a_cue_tells(
    before: list[float], during: list[float], after: list[float], heard: bool | None
) -> None:
    assert judge_cue(before, during, after) is heard
