"""A call with ourselves through the SFU, and what it says of the way there and back."""

from collections.abc import Mapping
from typing import Any, Final

from woxly_tui.config import KeyGiven
from woxly_tui.doctor.access import own_room, token_for
from woxly_tui.doctor.child import ask_child
from woxly_tui.doctor.finding import Finding, Status

PROBE: Final = "woxly_tui.media.echo_probe"
PROBE_LIMIT_S: Final = 30.0

LOSS_POOR_PERCENT: Final = 2.0
"""What concealment hides is less than this."""

LATE_MS: Final = 300
"""From here on people talk into each other."""

_OPEN: Final = (
    "open UDP 50000-60000 (or the server's udp_port, often 7882) to the server; its "
    "rtc.node_ip or use_external_ip must give the address that callers reach"
)

Answers = list[dict[str, Any]]


async def probe_echo(url: str, given: KeyGiven) -> list[Finding]:
    """Call ourselves in a room of our own, in a process of its own."""
    room = own_room()
    task = {
        "url": url,
        "mouth": token_for(given, room, "mouth"),
        "ear": token_for(given, room, "ear"),
    }
    said, _ = await ask_child(PROBE, task, PROBE_LIMIT_S)
    return judge_echo(said)


def judge_echo(said: Answers) -> list[Finding]:
    """What the probe's lines mean; they may end early."""
    failed = _line(said, "failed")
    if failed is not None:
        return [judge_failure(failed)]
    echo = _line(said, "echo")
    if echo is None:
        joined = any(line.get("type") == "joined" for line in said)
        return [_no_media("the call ended before a sound came" if joined else "")]
    works = {str(x["path"]): bool(x["works"]) for x in said if x.get("type") == "path"}
    findings = [judge_call(echo), *judge_paths(echo, works)]
    if "rtt_ms" in echo and echo["heard"]:
        findings.append(judge_quality(echo))
    return findings


def judge_failure(failed: Mapping[str, Any]) -> Finding:
    """Why there was no call."""
    failure, detail = str(failed["failure"]), str(failed["detail"])
    if failure == "media_blocked":
        return _no_media()
    if failure in ("nothing_heard", "not_published"):
        evidence = f"both ends joined, and no sound came back ({detail})"
        return Finding("echo call", Status.BAD, evidence, _OPEN)
    evidence = f"it could not join: {detail or failure.replace('_', ' ')}"
    return Finding("echo call", Status.BAD, evidence, "see the findings above")


def _no_media(why: str = "") -> Finding:
    evidence = why or "the server lets us in, and no media path comes about, by UDP or TCP"
    return Finding("echo call", Status.BAD, evidence, f"{_OPEN}; or TCP 7881; or set up TURN")


def judge_call(echo: Mapping[str, Any]) -> Finding:
    """How much came back, and how late."""
    check = "echo call"
    if echo["heard"] < echo["sent"] / 2:
        evidence = f"{echo['heard']} of {echo['sent']} sounds came back"
        return Finding(check, Status.BAD, evidence, "the link loses too much; see the quality")
    late_ms = int(echo["mouth_to_ear_ms"])
    evidence = (
        f"{echo['heard']} of {echo['sent']} sounds came back through the server, {late_ms} ms "
        "late without devices"
    )
    figures = {"sfu_ms": float(late_ms), "spread_ms": float(echo["spread_ms"])}
    if late_ms > LATE_MS:
        remedy = "a server nearer to everybody; a wired network"
        return Finding(check, Status.POOR, evidence, remedy, figures)
    return Finding(check, Status.OK, evidence, "", figures)


def judge_paths(echo: Mapping[str, Any], works: Mapping[str, bool]) -> list[Finding]:
    """UDP as the call chose it; TCP and TLS as they were tried."""
    protocol, relay = str(echo.get("protocol", "")), str(echo.get("relay", ""))
    findings = []
    if relay:
        evidence = f"sound goes through the server's TURN relay by {relay}"
        findings.append(Finding("UDP", Status.POOR, evidence, _OPEN))
    elif protocol == "udp":
        findings.append(Finding("UDP", Status.OK, "sound goes by UDP"))
    else:
        evidence = f"blocked: sound goes by {protocol.upper() or 'something else'}"
        findings.append(Finding("UDP", Status.POOR, evidence, _OPEN))
    if protocol == "tcp" or works.get("tcp"):
        findings.append(Finding("TCP", Status.OK, "sound can go by TCP"))
    elif "tcp" in works:
        remedy = "who cannot use UDP cannot join: open TCP 7881, and set rtc.tcp_port"
        findings.append(Finding("TCP", Status.NOTE, "sound cannot go by TCP", remedy))
    if works.get("tls"):
        findings.append(Finding("TURN", Status.OK, "sound can go by TLS"))
    elif "tls" in works:
        evidence = "sound cannot go by TLS: the server has no TURN for it"
        remedy = "only needed by those behind the strictest firewalls"
        findings.append(Finding("TURN", Status.NOTE, evidence, remedy))
    return findings


def judge_quality(echo: Mapping[str, Any]) -> Finding:
    """Round trip, loss and jitter of the call."""
    check, packets = "quality", int(echo.get("packets", 0))
    lost = int(echo.get("lost", 0))
    percent = 100 * lost / (packets + lost) if packets + lost else 0.0
    figures = {
        "rtt_ms": float(echo["rtt_ms"]),
        "loss_percent": round(percent, 1),
        "jitter_ms": float(echo.get("jitter_ms", 0)),
    }
    evidence = (
        f"round trip {echo['rtt_ms']:.0f} ms, {percent:.1f} % lost, "
        f"jitter {echo.get('jitter_ms', 0):.0f} ms"
    )
    if percent > LOSS_POOR_PERCENT:
        return Finding(check, Status.POOR, evidence, "a cable, or a better wireless link", figures)
    return Finding(check, Status.OK, evidence, "", figures)


def judge_mouth_to_ear(findings: list[Finding]) -> Finding | None:
    """The whole way of a voice: through devices and air, and through the server."""
    figures = {name: value for f in findings for name, value in f.figures.items()}
    if "sfu_ms" not in figures or "loop_ms" not in figures:
        return None
    sfu, loop = figures["sfu_ms"], figures["loop_ms"]
    evidence = f"{loop + sfu:.0f} ms: {loop:.0f} ms of devices and air, {sfu:.0f} ms of the server"
    status = Status.POOR if loop + sfu > LATE_MS else Status.OK
    remedy = "Bluetooth devices are slow: try a cable" if loop > sfu and status != "ok" else ""
    return Finding("mouth to ear", status, evidence, remedy, {"mouth_to_ear_ms": loop + sfu})


def _line(said: Answers, kind: str) -> dict[str, Any] | None:
    return next((line for line in said if line.get("type") == kind), None)
