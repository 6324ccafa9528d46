"""Whether a woxly server, and what it stands on, is well, and takes the sign-in kept here."""

import json
import re

from woxly_tui import __version__
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.network import Page, Place, fetch
from woxly_tui.doctor.subject import AccountSubject


def check_account_server(url: str) -> Finding:
    """Ask `woxly serve` how it is."""
    return judge_health(fetch(Place.of(url), "/api/health"))


def judge_health(page: Page | str) -> Finding:
    """What its answer means."""
    check = "woxly server"
    if isinstance(page, str):
        evidence = f"it does not answer: {page}"
        return Finding(
            check, Status.BAD, evidence, "is `woxly serve` running, and is that its URL?"
        )
    try:
        health = json.loads(page.body)
        parts = {part: str(health[part]) for part in ("database", "livekit")}
        version = str(health["version"])
    except (ValueError, KeyError, TypeError):
        evidence = f"what answers there ({page.status}) is no woxly server"
        return Finding(check, Status.BAD, evidence, "check the URL")
    broken = [part for part, state in parts.items() if state != "ok"]
    if broken:
        evidence = f"woxly {version} answers, and cannot reach its {' and '.join(broken)}"
        return Finding(check, Status.BAD, evidence, "tell whoever runs it: `woxly serve` logs why")
    evidence = f"woxly {version} answers; its database and LiveKit work"
    there, here = _numbers(version), _numbers(__version__)
    if there < here:
        evidence += f"; it is older than woxly {__version__} here"
        return Finding(check, Status.NOTE, evidence, "ask whoever runs it to update it")
    if there > here:
        evidence += f"; it is newer than woxly {__version__} here"
        return Finding(check, Status.NOTE, evidence, "update woxly here")
    return Finding(check, Status.OK, evidence)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d{1,6}", version)[:3])


def check_sign_in(account: AccountSubject) -> Finding:
    """Whether the server knows who is signed in here. Blocks."""
    check, trouble = "sign-in", account.trouble()
    if trouble is None:
        return Finding(check, Status.OK, "the server takes the sign-in kept here")
    return Finding(check, Status.BAD, trouble.message, trouble.remedy)
