"""Where an address is opened, and where nobody would see it."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from woxly_tui.tui.browser import open_address, opener


@pytest.fixture
def desktop(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with a screen and `xdg-open`, which writes down what it is asked."""
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("SSH_CONNECTION", "SSH_TTY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    script = tmp_path / "xdg-open"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/asked\n')
    script.chmod(0o755)
    return tmp_path


async def test_an_address_reaches_the_browser_as_one_argument(desktop: Path) -> None:
    command = opener()
    assert command == ["xdg-open"]
    assert await open_address(command, "https://example.org/?a=1&b=$(id)")
    assert (desktop / "asked").read_text() == "https://example.org/?a=1&b=$(id)\n"


@pytest.mark.usefixtures("desktop")
@pytest.mark.parametrize("name", ["SSH_CONNECTION", "SSH_TTY"])
def test_over_ssh_nothing_is_opened(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "x")
    assert opener() is None


@pytest.mark.usefixtures("desktop")
def test_without_a_screen_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    assert opener() is None
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert opener() is not None


@pytest.mark.usefixtures("desktop")
def test_without_a_command_nothing_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert opener() is None


async def test_a_command_that_fails_is_told() -> None:
    assert not await open_address(["false"], "https://example.org")
    assert not await open_address(["/nowhere/at/all"], "https://example.org")
