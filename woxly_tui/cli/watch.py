"""`woxly watch`: a line for each event, for ever."""

import argparse
import json
import sys
import time
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from woxly_tui.control.direct import DirectLink
    from woxly_tui.plain.news import Event, Reporter

LOOK_EVERY_S: Final = 0.5
"""How often an engine is looked for while there is none, and whether anybody reads us."""


def add_parser(subparsers: Any) -> None:
    """Add `watch` to the command line."""
    from woxly_tui.cli.verb import add_verb

    parser = add_verb(
        subparsers,
        "watch",
        "a line for each event, for ever",
        "Print the state, then a line for each event: who comes, goes, mutes, says something in "
        "the chat, and what becomes of the call. Waits where there is no call.",
    )
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="print a JSON object a line instead")
    shape.add_argument(
        "--format",
        metavar="TEXT",
        help="print TEXT with fields filled in as `status` does, whenever that changes",
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print events until Ctrl-C, or until nobody reads them."""
    from woxly_tui.plain.fields import formatted
    from woxly_tui.plain.news import Reporter
    from woxly_tui.plain.view import CallView

    if args.format is not None:
        formatted(args.format, CallView(), 0.0)  # a mistake in it shows at once
    reporter, last = Reporter(), None
    for events in _events(args, reporter):
        if args.format is None:
            for event in events:
                _print(event, is_json=args.json)
            continue
        line = formatted(args.format, reporter.call, time.time())
        if line != last:
            last = line
            _write([line])
    return 0


def _print(event: "Event", *, is_json: bool) -> None:
    now = time.time()
    if is_json:
        _write([json.dumps(event.as_json() | {"at": round(now, 3)})])
        return
    clock = time.strftime("%H:%M:%S", time.localtime(now))
    _write([f"{clock} {line}" for line in event.lines])


def _write(lines: "Iterable[str]") -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _events(args: argparse.Namespace, reporter: "Reporter") -> "Iterator[list[Event]]":
    """Events of one engine after the other, and the state between them."""
    from woxly_tui.cli.verb import connect
    from woxly_tui.errors import EngineLost, NoEngine, ProtocolError
    from woxly_tui.plain.news import trouble_event

    told = ""
    while True:
        try:
            with connect(args) as link:
                told = ""
                yield from _of_engine(link, reporter)
        except NoEngine:
            pass
        except (EngineLost, ProtocolError) as error:
            if str(error) != told:
                told = str(error)
                yield [trouble_event(error.message, error.remedy)]
        yield reporter.engine_gone()
        _check_reader()
        time.sleep(LOOK_EVERY_S)


def _of_engine(link: "DirectLink", reporter: "Reporter") -> "Iterator[list[Event]]":
    for update in link.updates(LOOK_EVERY_S):
        if update is None:
            _check_reader()
        else:
            yield reporter.take(update, link.pid)


def _check_reader() -> None:
    """Raise BrokenPipeError as soon as nobody can read us, without waiting for an event."""
    import select

    if hasattr(select, "poll"):
        watch = select.poll()
        watch.register(sys.stdout.fileno(), 0)
        if watch.poll(0):
            raise BrokenPipeError
