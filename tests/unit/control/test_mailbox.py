"""A slow front end gets the newest, not everything."""

import asyncio

from woxly_tui.call.snapshot import Levels, Notice, ParticipantLevel, Severity, Snapshot
from woxly_tui.control.mailbox import MAX_NOTICES, Mailbox
from woxly_tui.control.messages import Update
from woxly_tui.types import Dbfs, Identity


def level(name: str, dbfs: float) -> ParticipantLevel:
    return ParticipantLevel(Identity(name), Dbfs(dbfs), is_speaking=dbfs > -45)


async def read_all(mailbox: Mailbox) -> list[Update]:
    mailbox.close()
    return [update async for update in mailbox.read()]


async def test_newest_snapshot_and_newest_level_of_each() -> None:
    mailbox = Mailbox()
    for rev in range(1000):
        mailbox.put(Levels((level("ann", -rev % 60), level("bob", -60))))
        mailbox.put(Snapshot(rev=rev))
    updates = await read_all(mailbox)
    assert updates == [Snapshot(rev=999), Levels((level("ann", -999 % 60), level("bob", -60)))]


async def test_only_the_last_notices_are_kept() -> None:
    mailbox = Mailbox()
    for number in range(100):
        mailbox.put(Notice(Severity.INFO, str(number)))
    updates = await read_all(mailbox)
    assert [u.text for u in updates if isinstance(u, Notice)] == [
        str(n) for n in range(100 - MAX_NOTICES, 100)
    ]


async def test_a_waiting_reader_is_woken() -> None:
    mailbox = Mailbox()
    reader = mailbox.read()
    asyncio.get_running_loop().call_later(0.01, mailbox.put, Snapshot(rev=1))
    assert await asyncio.wait_for(anext(reader), 1) == Snapshot(rev=1)
    await reader.aclose()


async def test_the_last_levels_are_read_though_they_are_not_due() -> None:
    mailbox = Mailbox(levels_hz=0.001)
    reader = mailbox.read()
    mailbox.put(Levels((level("ann", -20),)))
    assert await anext(reader) == Levels((level("ann", -20),))
    mailbox.put(Levels((level("ann", -60),)))
    mailbox.close()
    assert [update async for update in reader] == [Levels((level("ann", -60),))]
