"""Rings of three people over links that break, in whatever order things happen."""

from collections.abc import Callable
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.call.ringing.world import World
from woxly_tui.call.ringing import events as ev
from woxly_tui.call.ringing.view import RingPhase
from woxly_tui.types import UserId

AGREE_WITHIN: Final = 5.0
"""How long after the last link is back server and phones may differ."""

LONGEST_RING: Final = 61.0

PEOPLE: Final = (UserId(1), UserId(2), UserId(3))


def call(world: World, me: UserId, other: UserId) -> None:
    world.feed(me, ev.CallAsked(other))


def call_group(world: World, me: UserId, _: UserId) -> None:
    members = tuple(user for user in PEOPLE if user != me)
    world.feed(me, ev.GroupCallAsked(members, "us"))


def add(world: World, me: UserId, other: UserId) -> None:
    world.feed(me, ev.AddAsked(other, "us"))


def accept(world: World, me: UserId, other: UserId) -> None:
    if any(ring.caller == other for ring in world.phones[me].machine.view().incoming):
        world.feed(me, ev.AcceptAsked(other))


def reject(world: World, me: UserId, other: UserId) -> None:
    world.feed(me, ev.RejectAsked(other))


def hang_up(world: World, me: UserId, _: UserId) -> None:
    world.feed(me, ev.HangUpAsked())


def deliver(world: World, me: UserId, _: UserId) -> None:
    world.deliver_up(me)
    world.deliver_rest(me)


def receive(world: World, me: UserId, _: UserId) -> None:
    world.deliver_down(me)


def see(world: World, me: UserId, _: UserId) -> None:
    world.deliver_sfu(me)


def cut(world: World, me: UserId, _: UserId) -> None:
    world.cut(me)


def heal(world: World, me: UserId, _: UserId) -> None:
    world.heal(me)


def arrive(world: World, _: UserId, __: UserId) -> None:
    world.drain()


def wait(world: World, me: UserId, other: UserId) -> None:
    world.wait({1: 0.5, 2: 4.0, 3: 17.0}[me] * other)


Step = Callable[[World, UserId, UserId], None]

STEPS: Final[tuple[Step, ...]] = (
    *(call, call, accept, accept, accept, reject, hang_up),
    *(deliver, deliver, receive, receive, see, arrive, cut, heal, wait),
)

PAIRS: Final = [(me, other) for me in PEOPLE for other in PEOPLE if me != other]

Story = list[tuple[Step, tuple[UserId, UserId]]]


def stories(*more: Step) -> st.SearchStrategy[Story]:
    steps = st.sampled_from((*STEPS, *more))
    return st.lists(st.tuples(steps, st.sampled_from(PAIRS)), max_size=40)


def play(story: Story) -> World:
    """All that, then whole links; one call and no open microphone is checked at every step."""
    world = World()
    for step, (me, other) in story:
        step(world, me, other)
    for user in PEOPLE:
        world.heal(user)
    world.settle(AGREE_WITHIN)
    return world


def check_every_ring_ends(world: World) -> None:
    world.settle(LONGEST_RING)
    for phone in world.phones.values():
        view = phone.machine.view()
        assert view.phase is not RingPhase.OUTGOING
        assert view.incoming == ()
        assert not any(peer.outcome is None for peer in view.ringing)


@settings(max_examples=150, deadline=None)
@given(stories())
def test_phones_and_server_agree_once_links_are_whole_and_every_ring_ends(story: Story) -> None:
    world = play(story)
    world.check_agreement()
    check_every_ring_ends(world)


@settings(max_examples=150, deadline=None)
@given(stories(call_group, add))
def test_with_groups_too_there_is_one_call_and_every_ring_ends(story: Story) -> None:
    check_every_ring_ends(play(story))
