import asyncio
import os
import time

from woxly_tui.cli.line_writer import END_LIMIT_S, MAX_WAITING, LineWriter


async def test_lines_are_written_in_order_and_strange_letters_as_the_terminal_can() -> None:
    reading, writing = os.pipe()
    writer = LineWriter(writing, "ascii", lambda: None)
    writer.write("one")
    writer.write("zwölf")
    writer.drain()
    assert os.read(reading, 100) == b"one\nzw\\xf6lf\n"


async def test_a_terminal_that_is_stopped_holds_up_nobody_and_memory_stays_bounded() -> None:
    reading, writing = os.pipe()
    writer = LineWriter(writing, "utf-8", lambda: None)
    began = time.monotonic()
    for number in range(MAX_WAITING + 500):
        writer.write(f"{number} " + "x" * 200)
    assert len(writer._lines) <= MAX_WAITING
    writer.drain()
    assert time.monotonic() - began < END_LIMIT_S + 5
    text = b""
    while f"{MAX_WAITING + 499} ".encode() not in text:
        text += await asyncio.to_thread(os.read, reading, 65536)
    assert b"lines were left out" in text


async def test_a_reader_who_is_gone_is_told_of_once() -> None:
    reading, writing = os.pipe()
    gone = asyncio.Event()
    writer = LineWriter(writing, "utf-8", gone.set)
    os.close(reading)
    writer.write("one")
    await asyncio.wait_for(gone.wait(), 5)
    writer.write("two")
