"""All checks of this machine, in the order that causes come before what they bring about.

terminal ─► call ─┬─► sound ──────────────────────────────────────┐
                  ├─► server port ─► TLS, LiveKit ─► access, clock ─► echo call ─┴─► mouth to ear
                  └─► woxly server, versions
"""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from woxly_tui.config import KeyGiven
from woxly_tui.control.paths import engine_paths
from woxly_tui.doctor.access import check_access, check_credentials
from woxly_tui.doctor.account import check_account_server, check_sign_in
from woxly_tui.doctor.calls import Calls, check_call
from woxly_tui.doctor.classics import diagnose
from woxly_tui.doctor.echo import judge_mouth_to_ear, probe_echo
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.folders import check_folders, own_folders
from woxly_tui.doctor.mixer import settings_of
from woxly_tui.doctor.network import (
    Place,
    check_clock,
    check_livekit,
    check_port,
    check_tcp_media,
    check_tls,
)
from woxly_tui.doctor.pulse import ask_sound
from woxly_tui.doctor.sound import combine, judge_server, probe_sound
from woxly_tui.doctor.subject import AccountSubject, Subject
from woxly_tui.doctor.terminal import check_terminal
from woxly_tui.doctor.versions import check_portaudio, check_versions
from woxly_tui.errors import WoxlyError

CHECK_LIMIT_S: Final = 20.0
"""Longest time of one check that runs in a thread; a name server may be slow."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found."""

    sections: dict[str, list[Finding]] = field(default_factory=dict)
    private: tuple[str, ...] = ()
    """What a report to paste must not show."""

    @property
    def findings(self) -> list[Finding]:
        """Of all sections, in order."""
        return [finding for section in self.sections.values() for finding in section]

    @property
    def complaints(self) -> dict[str, str]:
        """The classics among what is broken, each with its cause."""
        return diagnose(self.findings)

    @property
    def is_broken(self) -> bool:
        """Whether anything is."""
        return any(finding.status is Status.BAD for finding in self.findings)


async def examine(subject: Subject) -> Report:
    """Run every check; those that do not disturb each other side by side.

    Takes 15 s where all is well. Ends its child processes also when it is cancelled.
    """
    terminal = check_terminal()
    settings = [check_settings(subject), *(await _bounded("files", _files, lambda why: [why]))]
    calls = await _bounded("call", check_call, lambda why: Calls((why,), is_in_call=True))
    async with asyncio.TaskGroup() as group:
        sound = group.create_task(_sound(subject, calls), name="sound")
        network = group.create_task(_network(subject), name="network")
        account = group.create_task(_account(subject), name="account")
    heard, devices = sound.result()
    measured = [*heard, *network.result()]
    whole = judge_mouth_to_ear(measured)
    return Report(
        {
            "terminal": terminal,
            "settings": settings,
            "call": list(calls.findings),
            "sound": heard,
            "network": network.result() + ([whole] if whole is not None else []),
            "account": account.result(),
            "versions": [check_versions(), *check_portaudio()],
        },
        (*subject.private, *calls.private, *devices),
    )


def check_settings(subject: Subject) -> Finding:
    """Whether the configuration file, and the variables in its place, can be used."""
    check, trouble = "configuration", subject.trouble
    if trouble is not None:
        remedy = trouble.remedy or "mend that file; `woxly config check` looks at it again"
        return Finding(check, Status.BAD, trouble.message, remedy)
    if subject.danger:
        what, _, remedy = subject.danger.partition("; ")
        return Finding(check, Status.POOR, what, remedy)
    return Finding(check, Status.OK, subject.settings)


def _files() -> list[Finding]:
    return check_folders(own_folders(), engine_paths().folder)


async def _sound(subject: Subject, calls: Calls) -> tuple[list[Finding], tuple[str, ...]]:
    """What was found, and the names of the devices."""
    if calls.is_in_call:
        return [Finding("devices", Status.NOTE, "left alone: a call uses them")], ()
    answer = await _bounded("sound", ask_sound, lambda why: why)
    if isinstance(answer, Finding):
        return [answer], ()
    settings = settings_of(answer)
    devices = await probe_sound(settings, is_toned=subject.is_toned)
    names = tuple(setting.shown for setting in settings.values() if setting.shown)
    return combine(judge_server(answer), devices), names


async def _network(subject: Subject) -> list[Finding]:
    found = [check_credentials(subject.given)]
    if isinstance(subject.server, WoxlyError):
        error = subject.server
        return [*found, Finding("server", Status.BAD, error.message, error.remedy)]
    place = Place.of(subject.url)
    found.append(await _in_thread("server port", lambda: check_port(place)))
    if _is_bad(found[-1]):
        return found
    tls = await _bounded("TLS", lambda: check_tls(place), lambda why: why)
    if tls is not None:
        found.append(tls)
        if _is_bad(tls):
            return found
    found.append(await _in_thread("LiveKit", lambda: check_livekit(place)))
    if _is_bad(found[-1]):
        return found
    found.append(await _in_thread("clock", lambda: check_clock(place)))
    if isinstance(given := subject.given, WoxlyError) or _is_bad(found[0]):
        return found
    found.append(await _in_thread("access", lambda: check_access(place, given)))
    if _is_bad(found[-1]):
        return found
    if not isinstance(given, KeyGiven):
        evidence = "not made: a token names one room and one person, and nobody was to be disturbed"
        found.append(Finding("echo call", Status.NOTE, evidence, "it takes an API key and secret"))
        return found
    echo = await probe_echo(subject.url, given)
    if _is_bad(echo[0]):
        echo.append(await _in_thread("TCP", lambda: check_tcp_media(place)))
    return [*found, *echo]


def _is_bad(finding: Finding) -> bool:
    return finding.status is Status.BAD


async def _account(subject: Subject) -> list[Finding]:
    found, account = [], subject.account
    origin = account.origin if isinstance(account, AccountSubject) else ""
    if url := subject.account_url or origin:
        found.append(await _in_thread("woxly server", lambda: check_account_server(url)))
    if isinstance(account, WoxlyError):
        found.append(Finding("sign-in", Status.BAD, account.message, account.remedy))
    elif account is not None and not (found and origin == url and _is_bad(found[0])):
        known = account
        found.append(await _in_thread("sign-in", lambda: check_sign_in(known)))
    return found


async def _in_thread(check: str, run: Callable[[], Finding]) -> Finding:
    return await _bounded(check, run, lambda why: why)


async def _bounded(check: str, run: Callable[[], T], instead: Callable[[Finding], T]) -> T:
    """Run a blocking check in a thread that nobody waits for longer than CHECK_LIMIT_S."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def work() -> None:
        try:
            result = run()
        except Exception as error:  # noqa: BLE001 - one check that fails must not hide the others
            result = instead(
                Finding(check, Status.BAD, f"the check failed ({type(error).__name__})")
            )
        with contextlib.suppress(RuntimeError):  # the loop is closed already
            loop.call_soon_threadsafe(_settle, done, result)

    threading.Thread(target=work, name=check, daemon=True).start()
    try:
        async with asyncio.timeout(CHECK_LIMIT_S):
            return await done
    except TimeoutError:
        evidence = f"no result within {CHECK_LIMIT_S:.0f} s"
        return instead(
            Finding(check, Status.BAD, evidence, "the network or a name server is stuck")
        )


def _settle(done: "asyncio.Future[T]", result: T) -> None:
    if not done.done():
        done.set_result(result)
