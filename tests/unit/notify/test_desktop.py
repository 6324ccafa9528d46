"""Notifications of the desktop in their order; one that fails is not asked again."""

import asyncio
import sys
from pathlib import Path

from woxly_tui._lib.session_bus import BusFailed
from woxly_tui.notify.desktop import DesktopSurface, ScriptDesktop


class Service:
    """A desktop that keeps what it was told."""

    def __init__(self, *, is_broken: bool = False) -> None:
        self.told: list[tuple[str, int]] = []
        self.is_broken = is_broken
        self.news = asyncio.Event()

    async def show(self, text: str, number: int, *, is_urgent: bool) -> int:  # noqa: ARG002
        await asyncio.sleep(0)
        self.told.append((text, number))
        self.news.set()
        if self.is_broken:
            raise BusFailed("there is none")
        return number or 7

    async def close(self, number: int) -> None:
        self.told.append(("closed", number))
        self.news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.told) < count:
                self.news.clear()
                await self.news.wait()


async def test_a_notification_is_replaced_and_taken_back_in_order() -> None:
    service = Service()
    surface = DesktopSurface(service)
    surface.show("ann", is_urgent=True)
    surface.again()
    surface.show("bob", is_urgent=True)
    surface.take_back()
    surface.take_back()
    surface.show("missed", is_urgent=False)
    await service.until(4)
    await surface.aclose()
    assert service.told == [("ann", 0), ("bob", 7), ("closed", 7), ("missed", 0)]


async def test_a_desktop_that_fails_is_not_asked_again_and_none_is_fine() -> None:
    service = Service(is_broken=True)
    surface = DesktopSurface(service)
    surface.show("ann", is_urgent=True)
    await service.until(1)
    await asyncio.sleep(0)
    surface.show("bob", is_urgent=True)
    surface.take_back()
    await surface.aclose()
    assert service.told == [("ann", 0)]
    DesktopSurface(None).show("ann", is_urgent=True)


async def test_the_script_gets_the_text_as_an_argument_and_never_stays(tmp_path: Path) -> None:
    log, script = tmp_path / "argv", tmp_path / "osascript"
    script.write_text(
        "import os, sys, time\n"
        f"open({str(log)!r}, 'w').write(repr((os.getpid(), sys.argv[1:])))\n"
        "time.sleep(60)\n"
    )
    desktop = ScriptDesktop([sys.executable, str(script)], limit_s=3.0)
    await desktop.show('"; do shell script "x', 0, is_urgent=True)
    pid, argv = eval(log.read_text())  # noqa: S307 - we wrote it just now
    assert argv[-2:] == ["woxly", '"; do shell script "x']
    assert not Path(f"/proc/{pid}").exists()
