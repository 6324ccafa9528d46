"""The command `woxly`: reads the command line, runs one command, ends with its exit code.

Each command is a file with `add_parser(subparsers)`, which sets the default `run`, and
`run(args) -> int`. Such a file imports the rest of woxly inside its functions only.
"""

import argparse
import contextlib
import errno
import io
import json
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, Final, NoReturn

from woxly_tui import __version__
from woxly_tui.errors import INTERRUPTED, ExitCode, UsageError, WoxlyError

HELLO: Final = """\
woxly - voice calls with friends, in the terminal

  woxly demo                    a trial call with three friends made of software
  woxly join ROOM               join a room on your LiveKit server
  woxly token ROOM --name ANN   make a token that lets a friend in
  woxly serve                   a server for you and your friends
  woxly login https://HOST      sign in there, or make an account
  woxly                         your friends, or back to the call

`woxly COMMAND --help` explains a command.
`woxly config show` tells what is configured, and where.
"""


PLAIN_HELP: Final = "the call in plain lines and words, without a screen"


class _Formatter(argparse.HelpFormatter):
    """Help as wide as the terminal, without the module that argparse loads to measure it."""

    def __init__(self, prog: str) -> None:
        try:
            width = int(os.environ.get("COLUMNS", "")) or os.get_terminal_size().columns
        except (ValueError, OSError):
            width = 80
        super().__init__(prog, width=width - 2)


class Parser(argparse.ArgumentParser):
    """Says what is wrong the way every other error of woxly is said."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter} | options)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see `{self.prog} --help`")


COMMANDS: Final = {
    "join": "join",
    "demo": "demo",
    "status": "status",
    "who": "who",
    "mute": "mute",
    "deafen": "mute",
    "ptt": "ptt",
    "volume": "volume",
    "devices": "device",
    "device": "device",
    "record": "record",
    "play": "play",
    "say": "say",
    "watch": "watch",
    "call": "call",
    "answer": "answer",
    "reject": "answer",
    "hangup": "call",
    "calls": "call",
    "leave": "leave",
    "rejoin": "leave",
    "attach": "attach",
    "token": "token",
    "login": "login",
    "logout": "login",
    "accounts": "accounts",
    "account": "accounts",
    "friends": "friends",
    "rooms": "friends",
    "serve": "serve",
    "config": "config_cmd",
    "doctor": "doctor",
    "completions": "completions",
}
"""Command to the file that holds it, in the order of the help."""


def build_parser(typed: str = "") -> argparse.ArgumentParser:
    """The command line: of the command typed, or of all when it is none of them."""
    parser = Parser(prog="woxly", description="Voice calls with friends, in the terminal.")
    parser.add_argument("--version", action="version", version=f"woxly {__version__}")
    parser.add_argument("--plain", action="store_true", help=PLAIN_HELP)
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", prog="woxly")
    files = [COMMANDS[typed]] if typed in COMMANDS else dict.fromkeys(COMMANDS.values())
    for file in files:
        import_module(f"woxly_tui.cli.{file}").add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: `errors.ExitCode`, or INTERRUPTED after Ctrl-C.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    _repair_streams()
    try:
        return _run(words)
    except WoxlyError as error:
        _report(error, is_json="--headless" in words)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_gone()
    except Exception as error:  # noqa: BLE001 - the outermost boundary; it goes to the log
        return _unprinted(error) if _is_full(error) else _crashed(error)


def _repair_streams() -> None:
    """Make sure there are standard streams, and that no character can make a print fail."""
    for fd, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            # A closed one is opened, or the next file to be opened would be taken for it.
            if os.open(os.devnull, os.O_RDWR) != fd:
                continue
            mode = "r" if fd == 0 else "w"
            setattr(sys, name, open(fd, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - a descriptor
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def _run(words: list[str]) -> int:
    if not words:
        from woxly_tui.cli.attach import come_back

        return come_back(HELLO)
    if words[0] == "--plain":
        from woxly_tui.cli.plain import run

        return run(words[1:])
    if words == ["--version"]:
        sys.stdout.write(f"woxly {__version__}\n")
        return ExitCode.OK
    args = build_parser(words[0]).parse_args(words)
    if not hasattr(args, "run"):
        raise UsageError("no command given", "type `woxly --help` to see the commands")
    code: int = args.run(args)
    sys.stdout.flush()
    return code


def _report(error: WoxlyError, *, is_json: bool) -> None:
    """Tell a person on standard error, and with `--headless` a program on standard output."""
    from woxly_tui._lib.text import with_capital

    message = with_capital(error.message)
    if is_json:
        line = {
            "type": "error",
            "message": message,
            "remedy": error.remedy,
            "code": int(error.exit_code),
        }
        try:
            sys.stdout.write(json.dumps(line) + "\n")
            sys.stdout.flush()
        except BrokenPipeError:
            _reader_gone()
    sys.stderr.write(f"woxly: {message}\n")
    if error.remedy:
        sys.stderr.write(f"  {error.remedy}\n")


def _reader_gone() -> int:
    """Whoever read our output went away: end quietly, as `yes | head` does."""
    import signal

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 128 + signal.SIGPIPE


def _is_full(error: Exception) -> bool:
    """Whether there is no room for our output, or no terminal any more."""
    if not isinstance(error, OSError) or error.filename is not None:
        return False
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def _unprinted(error: Exception) -> int:
    # What is still held would fail again at the end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    why = error.strerror if isinstance(error, OSError) else error
    _report(
        WoxlyError(
            f"the output cannot be written ({why})", "make room for it, or send it elsewhere"
        ),
        is_json=False,
    )
    return ExitCode.FAILED


def _crashed(error: Exception) -> int:
    from woxly_tui._lib.logs import log_crash

    path = log_crash(error)
    sys.stderr.write(f"woxly: Something went wrong inside woxly ({type(error).__name__})\n")
    sys.stderr.write(f"  details are in {path}\n")
    return ExitCode.FAILED


def script() -> NoReturn:
    """The command as it is installed.

    One that was quick does not take its interpreter apart: that takes a tenth of its time.
    """
    code = main()
    if "asyncio" not in sys.modules:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


if __name__ == "__main__":
    script()
