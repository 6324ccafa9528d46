"""`woxly say`: a message in the chat beside the call."""

import argparse
import sys
from typing import Any, BinaryIO, Final, NamedTuple

MAX_BYTES: Final = 16384
"""Most of a text that is sent, in UTF-8; of a longer one, its end."""

MAX_LINES: Final = 1000
"""Most lines of it."""

_KEPT_BYTES: Final = 4 * MAX_BYTES
"""Read bytes held: colours and the like are taken out before the text is cut."""

_MARK_BYTES: Final = 64
"""Room for the line that says that something is left out."""

_READ_BYTES: Final = 65536


class Message(NamedTuple):
    """What is sent."""

    text: str
    note: str = ""
    """What is not, for the user; empty where all is."""


def add_parser(subparsers: Any) -> None:
    """Add `say` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "say",
        "say something in the chat of the call",
        "Say something in the chat of the call. `woxly say -` sends what comes on standard "
        f"input: all of it is read, and its last {MAX_BYTES} bytes and {MAX_LINES} lines are sent, "
        "as in `make 2>&1 | woxly say -`.",
    )
    parser.add_argument("text", metavar="TEXT", nargs="+", help="what to say, or - for a pipe")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Send it; says so where only the end of it was sent.

    Raises:
        NoCall: There is none; standard input is not read then.
        UsageError: There is nothing to send.
    """
    from woxly_tui.cli.verb import connect, order_on

    with connect(args) as link:
        order_on(link, {"type": "get_snapshot"})
    if args.text == ["-"]:
        data, total = read_end(sys.stdin.buffer)
        message = end_of_text(data.decode("utf-8", "replace"), total)
    else:
        text = " ".join(args.text)
        message = end_of_text(text, len(text.encode("utf-8", "replace")))
    with connect(args) as link:
        call = order_on(link, {"type": "send_chat", "text": message.text})
    if message.note:
        sys.stderr.write(f"woxly: note: {message.note}\n")
    others = len(call.others)
    sys.stdout.write(f"said to {others} {'person' if others == 1 else 'people'} in {call.room}\n")
    return 0


def read_end(stream: BinaryIO) -> tuple[bytes, int]:
    """The end of a stream, and how many bytes it had; never holds more than a few such ends."""
    held, total = b"", 0
    while data := stream.read(_READ_BYTES):
        total += len(data)
        held = (held + data)[-_KEPT_BYTES:]
    return held, total


def end_of_text(text: str, total_bytes: int) -> Message:
    """A text as it can be sent: cleaned, and cut to its end at the beginning of a line.

    Args:
        text: The text, or the end of it.
        total_bytes: Size of the whole.

    Raises:
        UsageError: Nothing visible is in it.
    """
    from woxly_tui._lib.text import clean_lines
    from woxly_tui.errors import UsageError

    text = clean_lines(text)
    if not text:
        raise UsageError("there is nothing to say", "type a text, or pipe one into `woxly say -`")
    is_cut = total_bytes > _KEPT_BYTES or len(text.encode()) > MAX_BYTES
    if not is_cut and text.count("\n") < MAX_LINES:
        return Message(text)
    end = text.encode()[-(MAX_BYTES - _MARK_BYTES) :].decode(errors="ignore")
    lines = end.split("\n")
    is_mid_line = len(end) < len(text) and len(lines) > 1
    end = "\n".join(lines[is_mid_line:][-(MAX_LINES - 1) :])
    sent = len(end.encode())
    return Message(
        f"[only the end: {sent} of {total_bytes} bytes]\n{end}",
        f"only the end was sent: {sent} of {total_bytes} bytes",
    )
