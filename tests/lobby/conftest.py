"""Ann, Bob and Cy on `woxly serve`, each with a terminal and a link of their own."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lobby.proxy import Proxy
from tests.lobby.stage import Stage, Terminal
from tests.server.harness import PASSWORD, ServedWorld


@dataclass
class Trio:
    """Three friends, and what lies between them and their server."""

    world: ServedWorld
    stage: Stage
    ann: Terminal
    bob: Terminal
    cy: Terminal
    links: dict[str, Proxy] = field(default_factory=dict)


@pytest.fixture
async def trio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Trio]:
    world = await ServedWorld.start(tmp_path / "server", ring_timeout_s=20.0)
    people = await world.friends("anna", "bobb", "cyri")
    one, other = people[1:]
    await one.ask("POST", "/friends/add", {"friendId": other.id}, status=201)
    await other.ask("POST", "/friends/add", {"friendId": one.id})
    stage = Stage(world.url, tmp_path, monkeypatch)
    terminals: list[Terminal] = []
    links: dict[str, Proxy] = {}
    for name, person in zip(("ann", "bob", "cy"), people, strict=True):
        links[name] = Proxy(world.listener.port)
        await links[name].start()
        terminals.append(await stage.terminal(name, person.email, PASSWORD, via=links[name]))
    for terminal in terminals:
        await terminal.go_online()
    ann, bob, cy = terminals
    yield Trio(world, stage, ann, bob, cy, links)
    await stage.aclose()
    for link in links.values():
        await link.aclose()
    await world.aclose()
