"""The command `woxly`: reads the command line, runs one command, ends with its exit code.

Each command is a file with `add_parser(subparsers)`, which sets the default `run`, and
`run(args) -> int`. Such a file imports the rest of woxly inside its functions only.
"""

import argparse
import io
import json
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Final, NoReturn

from woxly_tui import __version__
from woxly_tui.errors import INTERRUPTED, ExitCode, UsageError, WoxlyError

HELLO: Final = """\
woxly - voice calls with friends, in the terminal

  woxly demo                    a trial call with three friends made of software
  woxly join ROOM               join a room on your LiveKit server
  woxly token ROOM --name ANN   make a token that lets a friend in

`woxly COMMAND --help` explains a command.
`woxly config show` tells what is configured, and where.
"""


class _Parser(argparse.ArgumentParser):
    """Says what is wrong the way every other error of woxly is said."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, f"see `{self.prog} --help`")


COMMANDS: Final = {
    "join": "join",
    "demo": "demo",
    "token": "token",
    "serve": "serve",
    "config": "config_cmd",
}
"""Command to the file that holds it, in the order of the help."""


def build_parser(typed: str = "") -> argparse.ArgumentParser:
    """The command line: of the command typed, or of all when it is none of them."""
    parser = _Parser(prog="woxly", description="Voice calls with friends, in the terminal.")
    parser.add_argument("--version", action="version", version=f"woxly {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND")
    for command in [typed] if typed in COMMANDS else COMMANDS:
        import_module(f"woxly_tui.cli.{COMMANDS[command]}").add_parser(subparsers)
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
        return _crashed(error)


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
        sys.stdout.write(HELLO)
        return ExitCode.OK
    if words == ["--version"]:
        sys.stdout.write(f"woxly {__version__}\n")
        return ExitCode.OK
    args = build_parser(words[0]).parse_args(words)
    if not hasattr(args, "run"):
        raise UsageError("no command given", "type `woxly` to see the commands")
    code: int = args.run(args)
    sys.stdout.flush()
    return code


def _report(error: WoxlyError, *, is_json: bool) -> None:
    """Tell a person on standard error, and with `--headless` a program on standard output."""
    message = error.message[:1].upper() + error.message[1:]
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
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 128 + signal.SIGPIPE


def _crashed(error: Exception) -> int:
    from woxly_tui._lib.logs import log_crash

    path = log_crash(error)
    sys.stderr.write(f"woxly: Something went wrong inside woxly ({type(error).__name__})\n")
    sys.stderr.write(f"  details are in {path}\n")
    return ExitCode.FAILED


if __name__ == "__main__":
    sys.exit(main())
