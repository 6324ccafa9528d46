"""`woxly doctor`: what works here, what does not, and what to type."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from woxly_tui.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from woxly_tui.doctor.ssh import SshReport

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
        allow_abbrev=False,
    )
    subjects = parser.add_subparsers(title="subjects", metavar="SUBJECT", required=True)
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
