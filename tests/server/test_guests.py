"""Guests whose invite was withdrawn are sent out, once each and again if they come back."""

from typing import cast

import pytest

from tests.server.api.test_invites import make, redeem, voice_room
from tests.server.harness import Person, World
from woxly_tui.errors import ServerUnreachable
from woxly_tui.server.db.models import CallParticipant, CallSession
from woxly_tui.server.guests import GuestKeeper
from woxly_tui.server.livekit.api import LivekitApi
from woxly_tui.server.times import now_ms


class Doorman:
    """The part of LiveKit's API that sends people out."""

    def __init__(self) -> None:
        self.removed: list[tuple[str, str]] = []
        self.is_away = False

    async def remove(self, room: str, identity: str) -> None:
        if self.is_away:
            raise ServerUnreachable("away")
        self.removed.append((room, identity))


@pytest.fixture
def doorman() -> Doorman:
    return Doorman()


@pytest.fixture
def keeper(world: World, doorman: Doorman) -> GuestKeeper:
    return GuestKeeper(world.server.services.db, cast(LivekitApi, doorman))


async def withdrawn(world: World, ann: Person) -> tuple[int, str]:
    """A room, and a guest of it whose invite is withdrawn."""
    room_id = await voice_room(ann)
    invite = await make(ann, room_id)
    guest = await redeem(world, invite["code"])
    await ann.ask("DELETE", f"/rooms/{room_id}/invites/{invite['id']}")
    return room_id, guest["identity"]


async def test_a_guest_is_sent_out_once(
    world: World, ann: Person, keeper: GuestKeeper, doorman: Doorman
) -> None:
    room_id, identity = await withdrawn(world, ann)
    await keeper.look()
    await keeper.look()
    assert doorman.removed == [(f"room-{room_id}", identity)]


async def test_who_comes_back_is_sent_out_again(
    world: World, ann: Person, keeper: GuestKeeper, doorman: Doorman
) -> None:
    room_id, identity = await withdrawn(world, ann)
    await keeper.look()
    async with world.server.services.db.write() as db:
        session = CallSession(room_id=room_id, sid="RM_1", started_at=now_ms())
        db.add(session)
        await db.flush()
        db.add(
            CallParticipant(
                session_id=session.id, sid="PA_1", identity=identity, name="", joined_at=now_ms()
            )
        )
    await keeper.look()
    assert len(doorman.removed) == 2


async def test_a_livekit_server_that_is_away_is_asked_again(
    world: World, ann: Person, keeper: GuestKeeper, doorman: Doorman
) -> None:
    await withdrawn(world, ann)
    doorman.is_away = True
    await keeper.look()
    doorman.is_away = False
    await keeper.look()
    assert len(doorman.removed) == 1


async def test_guests_of_good_invites_stay(
    world: World, ann: Person, keeper: GuestKeeper, doorman: Doorman
) -> None:
    await redeem(world, (await make(ann, await voice_room(ann)))["code"])
    await keeper.look()
    assert doorman.removed == []
