"""`woxly doctor`: what works here, what does not, and what to type."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final, TypeVar

from woxly_tui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from woxly_tui.config import Loaded, ServerUrl
    from woxly_tui.doctor.examine import Report
    from woxly_tui.doctor.finding import Finding
    from woxly_tui.doctor.ssh import SshReport
    from woxly_tui.doctor.subject import Given, Subject
    from woxly_tui.errors import WoxlyError

T = TypeVar("T")

_ALL_EPILOG: Final = """\
the devices are opened for four seconds, and four short tones are played; while a call runs they
are left alone. The exit code is 1 where something is broken.

  woxly doctor              look at this terminal, its sound, and the way to your server
  woxly doctor --report     the same to paste: without names, hosts, addresses and tokens
  woxly doctor ssh HOST     calls over SSH
"""

_EPILOG = """\
on your own machine, for a server:   woxly doctor ssh HOST
on the server, in an SSH session:    woxly doctor ssh
"""


def add_parser(subparsers: Any) -> None:
    """Add `doctor` and its subjects to the command line."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "doctor",
        help="what works here, what does not, and what to type",
        description="Say what works here, what does not, and what to type.",
        epilog=_ALL_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_flags(parser)
    subjects = parser.add_subparsers(title="subjects", metavar="SUBJECT")
    ssh = subjects.add_parser(
        "ssh",
        help="calls over SSH: the line that links two hosts",
        description="Look at what is forwarded over SSH, and print the line that links two hosts.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    ssh.add_argument("host", nargs="?", metavar="HOST", help="the server, as ssh knows it")
    ssh.add_argument("-p", "--port", type=int, metavar="PORT", help="and its port")
    ssh.add_argument("--json", action="store_true", help="print a JSON object instead")
    for flag, text in (
        ("--print-socket", "only the path of this machine's engine socket"),
        ("--print-sound-socket", "only the path of this machine's sound socket"),
    ):
        ssh.add_argument(flag, action="store_true", help=f"print {text}")
    ssh.set_defaults(run=run_ssh)


def _add_flags(parser: argparse.ArgumentParser) -> None:
    from woxly_tui.cli.options import add_server_flags

    add_server_flags(parser)
    parser.add_argument("--token", metavar="TOKEN", help="a ready-made token instead of a key")
    parser.add_argument("--server", metavar="URL", help="a woxly server to ask how it is")
    parser.add_argument("--no-tone", action="store_true", help="play nothing")
    shape = parser.add_mutually_exclusive_group()
    shape.add_argument("--json", action="store_true", help="the same, redacted, as JSON")
    shape.add_argument("--report", action="store_true", help="print a report to paste, redacted")
    parser.set_defaults(run=run_all)


def run_all(args: argparse.Namespace) -> int:
    """Examine this machine; the code is 1 where something is broken.

    Raises:
        UsageError: A flag cannot be read.
    """
    import asyncio

    from woxly_tui.doctor.redact import Redactor

    report = asyncio.run(_examine(_subject(args)))
    redact = Redactor(report.private).clean
    if args.json:
        sys.stdout.write(_report_json(report, redact))
    else:
        sys.stdout.write(_report_text(report, redact if args.report else _printable))
    return ExitCode.FAILED if report.is_broken else ExitCode.OK


async def _examine(subject: "Subject") -> "Report":
    """As `examine`, ended by SIGTERM and SIGHUP with everything tidied up."""
    import asyncio
    import signal

    from woxly_tui.doctor.examine import examine

    task, loop = asyncio.current_task(), asyncio.get_running_loop()
    assert task is not None  # noqa: S101 - we run in one
    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await examine(subject)
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


def _subject(args: argparse.Namespace) -> "Subject":
    from woxly_tui.cli.doctor_account import account_subject
    from woxly_tui.cli.options import server_url
    from woxly_tui.config import choose_credentials
    from woxly_tui.doctor.subject import AccountSubject, Subject, private_words
    from woxly_tui.errors import WoxlyError

    loaded, trouble = _settings(args)
    server: ServerUrl | WoxlyError
    given: Given | WoxlyError
    try:
        server = server_url(loaded)
    except WoxlyError as error:
        server = error
    try:
        given = choose_credentials(loaded)
    except WoxlyError as error:
        given = error
    if trouble is not None:
        server = _unknown(server)
        given = _unknown(given)
    account = account_subject()
    whose = account.private if isinstance(account, AccountSubject) else ()
    url = "" if isinstance(server, WoxlyError) else server.url
    return Subject(
        server=server,
        given=given,
        account_url=_account_url(args.server),
        account=account,
        trouble=trouble,
        settings=f"{loaded.file.path} is sound"
        if loaded.file.exists
        else "no file, and none needed",
        danger=loaded.file.warning,
        is_toned=not args.no_tone,
        private=(*private_words(loaded.config, url, args.server or ""), *whose),
    )


def _unknown(found: T) -> "T | WoxlyError":
    """What is lacking may stand in the file that cannot be used."""
    from woxly_tui.errors import WoxlyError

    if not isinstance(found, WoxlyError):
        return found
    return WoxlyError("not known: the configuration cannot be used", "mend it first")


def _settings(args: argparse.Namespace) -> "tuple[Loaded, WoxlyError | None]":
    """The settings; with a file that cannot be used, those without it, and why.

    Raises:
        UsageError: A flag or a variable cannot be read.
    """
    from woxly_tui.cli.options import load_settings
    from woxly_tui.errors import ConfigError

    try:
        return load_settings(args), None
    except ConfigError as error:
        without = argparse.Namespace(**vars(args) | {"config": os.devnull})
        return load_settings(without), error


def _account_url(raw: str | None) -> str:
    from urllib.parse import urlsplit

    if not raw:
        return ""
    try:
        parts = urlsplit(raw.strip())
        is_url = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        is_url = False
    if not is_url or not raw.isprintable():
        raise UsageError(f"{raw!r} is no address of a woxly server", "such as https://HOST")
    return raw.strip()


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable())


def _report_json(report: "Report", clean: "Callable[[str], str]") -> str:
    """Programs pass it on, so it holds no more than what is pasted."""
    from woxly_tui import __version__

    whole = {
        "version": __version__,
        "is_broken": report.is_broken,
        "complaints": {what: clean(cause) for what, cause in report.complaints.items()},
        "sections": {
            name: [_finding_json(finding, clean) for finding in findings]
            for name, findings in report.sections.items()
        },
    }
    return json.dumps(whole, indent=2) + "\n"


def _finding_json(finding: "Finding", clean: "Callable[[str], str]") -> dict[str, Any]:
    cleaned = {"evidence": clean(finding.evidence), "remedy": clean(finding.remedy)}
    return asdict(finding) | cleaned


def _report_text(report: "Report", clean: "Callable[[str], str]") -> str:
    lines: list[str] = []
    for name, findings in report.sections.items():
        if not findings:
            continue
        lines += ["", name] if lines else [name]
        for finding in findings:
            lines.append(f"  {finding.status:<5} {finding.check:<13} {clean(finding.evidence)}")
            if finding.remedy:
                lines.append(f"{'':<22}\u2192 {clean(finding.remedy)}")
    lines.append("")
    for complaint, cause in report.complaints.items():
        lines.append(f"{complaint}: {clean(cause)}")
    if not report.is_broken:
        lines.append("nothing is broken")
    return "\n".join(lines) + "\n"


def run_ssh(args: argparse.Namespace) -> int:
    """Print findings and lines; the code is 1 where something is broken.

    Raises:
        UsageError: There is neither a host nor an SSH session, or no such socket.
    """
    from woxly_tui._lib.forwarded import is_over_ssh
    from woxly_tui.doctor.ssh import report_here, report_there

    if args.print_socket or args.print_sound_socket:
        sys.stdout.write(f"{_socket(is_sound=args.print_sound_socket)}\n")
        return ExitCode.OK
    if args.host is not None:
        host = args.host.strip()
        if not host or host.startswith("-") or not host.isprintable():
            raise UsageError(f"{host!r} is no host", "as you would type it after `ssh`")
        report = report_here(host, args.port)
    elif is_over_ssh():
        report = report_there()
    else:
        raise UsageError("this is no SSH session", "name the server: `woxly doctor ssh HOST`")
    sys.stdout.write(_as_json(report) if args.json else _as_text(report))
    is_broken = any(finding.status == "bad" for finding in report.findings)
    return ExitCode.FAILED if is_broken else ExitCode.OK


def _socket(*, is_sound: bool) -> str:
    from woxly_tui.control.paths import engine_paths
    from woxly_tui.doctor.pulse import local_sound_socket

    if not is_sound:
        return str(engine_paths().socket)
    found = local_sound_socket()
    if found is None:
        raise UsageError("no PulseAudio or PipeWire socket is here", "start one, or keep the call")
    return str(found)


def _as_json(report: "SshReport") -> str:
    return json.dumps(asdict(report), indent=2) + "\n"


def _as_text(report: "SshReport") -> str:
    lines = []
    for finding in report.findings:
        evidence = "".join(char for char in finding.evidence if char.isprintable())
        lines.append(f"{finding.status:<5} {finding.check:<17} {evidence}")
        if finding.remedy:
            lines.append(f"{'':<23} {finding.remedy}")
    for purpose, line in report.lines.items():
        lines += ["", f"{purpose}; type {report.typed_on}:", "", f"  {line}"]
    return "\n".join(lines) + "\n"
