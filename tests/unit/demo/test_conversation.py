import random
from itertools import pairwise

import pytest

from woxly_tui.demo.conversation import Act, Conversation, Hush, Mute, Say
from woxly_tui.types import Identity, Seconds

ANN, BEN = Identity("ann"), Identity("ben")
TICK_S = 0.04


def play(
    seconds: float, seed: int, taken: tuple[float, float] | None = None
) -> list[tuple[float, Act]]:
    """All acts of a conversation, in which the floor is taken from one instant to another."""
    conversation = Conversation((ANN, BEN), random.Random(seed))
    acts: list[tuple[float, Act]] = []
    for tick in range(int(seconds / TICK_S)):
        now = tick * TICK_S
        is_taken = taken is not None and taken[0] <= now < taken[1]
        acts += [(now, act) for act in conversation.step(Seconds(now), is_floor_taken=is_taken)]
    return acts


def says(acts: list[tuple[float, Act]]) -> list[tuple[float, Say]]:
    return [(at, act) for at, act in acts if isinstance(act, Say)]


@pytest.mark.parametrize("seed", range(5))
def test_both_talk_in_turns_of_the_promised_length(seed: int) -> None:
    turns = says(play(120, seed))
    assert {say.who for _, say in turns} == {ANN, BEN}
    assert all(1.5 <= say.seconds <= 4.0 for _, say in turns)
    assert 20 <= len(turns) <= 60


def test_they_sometimes_talk_over_each_other_and_mostly_do_not() -> None:
    turns = says(play(600, seed=1))
    overlaps = sum(later < at + say.seconds for (at, say), (later, _) in pairwise(turns))
    assert 0.05 < overlaps / len(turns) < 0.4


def test_nobody_talks_over_themselves() -> None:
    until: dict[Identity, float] = {}
    for at, say in says(play(600, seed=2)):
        assert at >= until.get(say.who, 0.0)
        until[say.who] = at + say.seconds


@pytest.mark.parametrize("seed", range(5))
def test_one_mutes_now_and_then_and_never_while_talking(seed: int) -> None:
    until: dict[Identity, float] = {}
    muted: dict[Identity, float] = {}
    spans: list[float] = []
    for at, act in play(300, seed):
        match act:
            case Say():
                assert act.who not in muted
                until[act.who] = at + act.seconds
            case Mute(on=True):
                assert at >= until.get(act.who, 0.0)
                assert not muted
                muted[act.who] = at
            case Mute(on=False):
                spans.append(at - muted.pop(act.who))
    assert 5 <= len(spans) <= 16
    assert all(4.0 <= span <= 8.1 for span in spans)


@pytest.mark.parametrize("seed", range(5))
def test_they_hush_at_once_when_a_guest_talks_and_wait_before_going_on(seed: int) -> None:
    start, first = says(play(20, seed))[2]
    begins = start + first.seconds / 2
    acts = play(20, seed, taken=(begins, begins + 4.0))
    hushed = [act.who for at, act in acts if isinstance(act, Hush) and at < begins + 0.1]
    assert first.who in hushed
    assert not [at for at, _ in says(acts) if begins <= at < begins + 5.5]
    assert [at for at, _ in says(acts) if begins + 5.5 <= at <= begins + 7.0]


def test_now_and_then_both_are_silent_for_seconds() -> None:
    turns = says(play(120, seed=4))
    gaps = [later - at - say.seconds for (at, say), (later, _) in pairwise(turns)]
    assert max(gaps) >= 3.0
