"""The lines on the socket."""

from woxly_tui.call.snapshot import Snapshot
from woxly_tui.control.frames import (
    ENGINE_FRAMES,
    FRONT_END_FRAMES,
    PROTOCOL,
    Changed,
    Hello,
    Request,
)
from woxly_tui.control.messages import COMMANDS, UPDATES, SetMute


def test_a_command_travels_in_a_request() -> None:
    request = Request(7, COMMANDS.to_dict(SetMute(on=True)))
    line = FRONT_END_FRAMES.encode(request)
    assert line == b'{"type":"request","id":7,"command":{"type":"set_mute","on":true}}\n'
    read = FRONT_END_FRAMES.decode(line)
    assert isinstance(read, Request)
    assert COMMANDS.from_dict(read.command) == SetMute(on=True)


def test_an_update_travels_in_a_changed() -> None:
    line = ENGINE_FRAMES.encode(Changed(UPDATES.to_dict(Snapshot(rev=3))))
    read = ENGINE_FRAMES.decode(line)
    assert isinstance(read, Changed)
    assert UPDATES.from_dict(read.update) == Snapshot(rev=3)


def test_the_greeting_carries_the_version() -> None:
    assert FRONT_END_FRAMES.encode(Hello(PROTOCOL, "1.2.3")).startswith(b'{"type":"hello"')
