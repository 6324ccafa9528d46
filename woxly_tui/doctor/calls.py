"""Whether a call runs, and what its engine knows of it; its devices are then left alone."""

from dataclasses import dataclass
from typing import Any

from woxly_tui.control.direct import DirectLink
from woxly_tui.control.paths import engine_paths
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.errors import EngineLost, NoEngine, ProtocolError, UsageError

_CHECK = "call"


@dataclass(frozen=True, slots=True)
class Calls:
    """What was found, and whether the devices are taken."""

    findings: tuple[Finding, ...]
    is_in_call: bool = False
    private: tuple[str, ...] = ()
    """Who is in the call, in which room, on which server."""


def check_call() -> Calls:
    """Ask this user's engine, if there is one. Blocks for some seconds at most."""
    try:
        paths = engine_paths()
        with DirectLink(paths.socket, paths.call) as engine:
            snapshot = engine.ask({"type": "get_snapshot"})["snapshot"]
    except NoEngine as error:
        if error.lost_room:
            return Calls((Finding(_CHECK, Status.BAD, error.message, error.remedy),))
        return Calls((Finding(_CHECK, Status.OK, "no call runs; the devices are free"),))
    except (EngineLost, ProtocolError, UsageError) as error:
        # It may be in a call all the same: nothing of its is touched.
        finding = Finding(_CHECK, Status.BAD, error.message, error.remedy)
        return Calls((finding,), is_in_call=True)
    return judge_call(snapshot)


def judge_call(snapshot: dict[str, Any]) -> Calls:
    """What an engine's snapshot tells."""
    phase = str(snapshot["phase"])
    if phase in ("idle", "ended"):
        return Calls((Finding(_CHECK, Status.OK, "no call runs; the devices are free"),))
    others = [p for p in snapshot["participants"] if not p["is_local"]]
    evidence = f"{phase}, with {len(others)} others"
    status, remedy = Status.OK, "its sound is left alone; leave the call for the whole examination"
    if trouble := snapshot["trouble"]:
        status, evidence, remedy = Status.BAD, f"{evidence}: {trouble}", "see the network below"
    figures = {"rtt_ms": float(rtt)} if (rtt := snapshot["rtt_ms"]) is not None else {}
    findings = [Finding(_CHECK, status, evidence, remedy, figures), _microphone(snapshot)]
    stuck = sum(bool(p["is_connecting"]) for p in others)
    if stuck:
        findings.append(
            Finding(
                "participants",
                Status.BAD,
                f"{stuck} of {len(others)} are still connecting: their media path is blocked",
                "`woxly doctor` on their side; UDP or TCP of the server must be reachable there",
            )
        )
    names = [str(p[field]) for p in snapshot["participants"] for field in ("identity", "name")]
    private = (str(snapshot["room"]), str(snapshot["server"]), *names)
    return Calls(tuple(findings), is_in_call=True, private=private)


def _microphone(snapshot: dict[str, Any]) -> Finding:
    check, mic = "microphone", snapshot["microphone"]
    if cause := str(mic["cause"]):
        what, _, remedy = cause.partition(": ")
        return Finding(check, Status.BAD, what, remedy)
    words = [f"{mic['state']}, by the {mic['backend']} backend"]
    words += ["deafened: nobody is heard"] if mic["is_deafened"] else []
    status = Status.NOTE if mic["is_deafened"] else Status.OK
    return Finding(check, status, ", ".join(words), "`woxly deafen off`" if status != "ok" else "")
