"""`woxly play`: a file, or what comes on standard input, played into the running call."""

import argparse
import base64
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from woxly_tui.errors import ExitCode, UsageError, WoxlyError

if TYPE_CHECKING:
    from woxly_tui.control.direct import DirectLink

MAX_CHUNK_BYTES: Final = 24_000
"""Sent at a time: in base64 it fits into a line of the engine's socket."""

CHUNK_S: Final = 0.2

LOUDEST: Final = 200

SHOWN_EVERY_S: Final = 0.5
"""How often the progress is written."""


def add_parser(subparsers: Any) -> None:
    """Add `play` to the command line."""
    from woxly_tui.cli.play_source import FORMATS
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "play",
        "play a file into the call",
        "Play a file into the call: WAV, FLAC, OGG, Opus or MP3. Everybody hears it beside your "
        "voice, muted or not, and sees what it is. `woxly play -` plays samples from standard "
        "input, as in `ffmpeg -i talk.m4a -f s16le -ar 48000 -ac 1 - | woxly play -`. Ctrl-C stops "
        "it, and so does `woxly play --stop`.",
    )
    parser.add_argument("file", metavar="FILE", nargs="?", help="what to play, or - for a pipe")
    parser.add_argument("--stop", action="store_true", help="stop what is being played")
    parser.add_argument(
        "--volume", metavar="PERCENT", type=int, default=100, help="how loud, 0 to 200"
    )
    parser.add_argument("--title", help="what the others read; the name of the file by default")
    pipe = parser.add_argument_group("what standard input holds")
    pipe.add_argument("--rate", metavar="HZ", type=int, default=48_000)
    pipe.add_argument("--channels", metavar="N", type=int, default=1)
    pipe.add_argument("--format", choices=FORMATS, default="s16le")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Play until the end, or until it is stopped; the code is 1 where the file was cut off.

    Raises:
        NoCall: There is none.
        UsageError: It cannot be played.
        WoxlyError: It was stopped by somebody else, or the call ended.
    """
    from woxly_tui.cli.verb import connect, order_on

    if args.stop:
        with connect(args) as link:
            order_on(link, {"type": "stop_play"})
        sys.stdout.write("stopped\n")
        return 0
    if not args.file:
        raise UsageError("there is nothing to play", "name a file, or - for standard input")
    if not 0 <= args.volume <= LOUDEST:
        raise UsageError(f"{args.volume} is not a volume", f"0 to {LOUDEST} percent")
    with connect(args) as link:
        order_on(link, {"type": "get_snapshot"})
        return _play(link, args)


def _play(link: "DirectLink", args: argparse.Namespace) -> int:
    from woxly_tui.cli.play_source import open_source
    from woxly_tui.cli.verb import order_on
    from woxly_tui.plain.text import harmless

    play = os.urandom(8).hex()
    with open_source(args) as source:
        start = {"type": "start_play", "play": play, "title": source.title}
        order_on(link, start | {"rate_hz": source.rate_hz, "percent": args.volume})
        feed = _Feed(link, play)
        progress = _Progress(source.title, source.length_s)
        is_whole = False
        try:
            size = min(MAX_CHUNK_BYTES, 2 * int(CHUNK_S * source.rate_hz))
            for chunk in _cut(source.chunks(), size):
                feed.send(chunk)
                progress.show(feed.sent / source.rate_hz)
            is_whole = True
        except KeyboardInterrupt:
            pass
        finally:
            progress.close()
            feed.end(is_now=not is_whole)
    if source.note:
        sys.stderr.write(f"woxly: note: {harmless(source.note)}\n")
    what = "played" if is_whole else "stopped"
    sys.stdout.write(f"{what} {progress.title} after {feed.sent / source.rate_hz:.1f} s\n")
    return ExitCode.FAILED if source.is_cut else ExitCode.OK


def _cut(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """The same in pieces that are small enough; an empty one stays, and says that we live."""
    for chunk in chunks:
        for at in range(0, max(len(chunk), 1), size):
            yield chunk[at : at + size]


class _Feed:
    """Sends sound as fast as the engine takes it, which is real time."""

    def __init__(self, link: "DirectLink", play: str) -> None:
        self._link = link
        self._play = play
        self._is_over = False
        self.sent = 0
        """Samples."""

    def send(self, chunk: bytes) -> None:
        data = base64.b64encode(chunk).decode("ascii")
        self._order({"type": "play_sound", "play": self._play, "data": data})
        self.sent += len(chunk) // 2

    def end(self, *, is_now: bool) -> None:
        if not self._is_over:
            self._order({"type": "stop_play", "play": self._play, "is_now": is_now})

    def _order(self, command: dict[str, Any]) -> None:
        from woxly_tui.cli.verb import order_on

        try:
            order_on(self._link, command)
        except WoxlyError:
            self._is_over = True
            raise


class _Progress:
    """How far it is, on a terminal; nothing elsewhere."""

    def __init__(self, title: str, length_s: float | None) -> None:
        from woxly_tui.plain.text import harmless

        self.title = harmless(title)
        self._length = f" / {_clock(length_s)}" if length_s is not None else ""
        self._is_shown = sys.stderr.isatty()
        self._shown_at = 0.0

    def show(self, done_s: float, now: Callable[[], float] = time.monotonic) -> None:
        if self._is_shown and now() - self._shown_at >= SHOWN_EVERY_S:
            self._shown_at = now()
            sys.stderr.write(f"\r\x1b[K{self.title}  {_clock(done_s)}{self._length}")
            sys.stderr.flush()

    def close(self) -> None:
        if self._is_shown and self._shown_at:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
