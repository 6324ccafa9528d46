"""What all live tests share: one SFU and one sound server for the whole run."""

import sys
from collections.abc import Iterator

import pytest

from tests.rig.pulse import SoundServer, missing_tools
from tests.rig.scene import Scene
from tests.rig.sfu import LiveKitServer, find_binary


@pytest.fixture(scope="session")
def sfu() -> Iterator[LiveKitServer]:
    """A livekit-server that no test may kill."""
    server = LiveKitServer(find_binary())
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def sound() -> Iterator[SoundServer]:
    """A sound server that no test may kill, with devices for two people."""
    yield from started_sound_server(["ann", "bob"])


@pytest.fixture
def own_sfu() -> Iterator[LiveKitServer]:
    """A livekit-server to kill."""
    server = LiveKitServer(find_binary())
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture
def own_sound() -> Iterator[SoundServer]:
    """A sound server to kill, with devices for one person."""
    yield from started_sound_server(["ann"])


@pytest.fixture
def scene(sfu: LiveKitServer, sound: SoundServer) -> Iterator[Scene]:
    """An empty room."""
    with Scene(sfu, sound) as made:
        yield made


def started_sound_server(people: list[str]) -> Iterator[SoundServer]:
    """A running sound server; the test is skipped where there is none to be had."""
    if missing := missing_tools():
        hint = f"{', '.join(missing)} not found: `./dev test` says how to install them"
        if sys.platform == "linux":
            pytest.fail(hint)
        pytest.skip(hint)
    server = SoundServer(people)
    try:
        server.start()
        yield server
    finally:
        server.close()
