"""Whether a woxly server, and what it stands on, is well."""

import json

from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.network import Page, Place, fetch


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
    return Finding(check, Status.OK, f"woxly {version} answers; its database and LiveKit work")
