"""A fresh server for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.server.harness import Person, ServedWorld, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    world = await World.start(tmp_path)
    yield world
    await world.aclose()


@pytest.fixture
async def ann(world: World) -> Person:
    return await world.person("ann")


@pytest.fixture
async def bob(world: World) -> Person:
    return await world.person("bob")


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    world = await ServedWorld.start(tmp_path)
    yield world
    await world.aclose()
