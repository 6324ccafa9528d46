"""Whether this machine hears and is heard: server, microphone, speaker, and the air between."""

import os
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any, Final

from woxly_tui.doctor.child import ask_child
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.pulse import judge_sound_server

PROBE: Final = "woxly_tui.media.sound_probe"
PROBE_LIMIT_S: Final = 25.0
_PACTL_LIMIT_S: Final = 3.0

LOW_DBFS: Final = -75
"""A room is louder than this to any working microphone that is not gated."""

_SILENT_DBFS: Final = -119

Answers = Mapping[str, Any]


def judge_server(answer: Answers, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """What the sound server's answer to a knock means for a call; devices it lacks included."""
    cause, remedy = _cause(str(answer["cause"]))
    if not answer["is_reached"]:
        return [Finding("sound", Status.BAD, cause, remedy)]
    found = [judge_sound_server(answer, environ)]
    # Without a way nobody was asked: macOS has no such server.
    if answer["way"] and answer["server"] == "NO_MICROPHONE":
        found.append(Finding("microphone", Status.BAD, cause, remedy))
    if answer["server"] == "NO_SPEAKER":
        found.append(Finding("speaker", Status.BAD, cause, remedy))
    return found


def combine(server: list[Finding], devices: list[Finding]) -> list[Finding]:
    """The server's word on devices it lacks holds; the devices' where there is no server."""
    first = server[0]
    if first.check == "sound" and first.status is Status.BAD:
        if any(found.status is Status.BAD for found in devices):
            return server
        evidence = f"{first.evidence}; plain ALSA plays"
        return [Finding("sound", Status.POOR, evidence, first.remedy), *devices]
    lacking = {found.check for found in server if found.status is Status.BAD}
    told = lacking | ({"tone"} if lacking else set())
    return server + [found for found in devices if found.check not in told]


async def probe_sound(*, is_toned: bool) -> list[Finding]:
    """Listen, play, and hear it, in a process of its own."""
    said, _ = await ask_child(PROBE, {"tone": is_toned}, PROBE_LIMIT_S)
    answer = next((line for line in said if line.get("type") == "sound"), None)
    if answer is None:
        evidence = "the devices were opened, and nothing came of it"
        remedy = "restart the sound server; another program may hold the device"
        return [Finding("devices", Status.BAD, evidence, remedy)]
    return judge_sound(answer, mutes())


def judge_sound(answer: Answers, is_muted: Mapping[str, bool]) -> list[Finding]:
    """What a probe's answer means.

    Args:
        answer: Of `media.sound_probe`.
        is_muted: Whether the system mutes `microphone` and `speaker`, as far as it is known.
    """
    return [
        judge_microphone(answer, is_muted=is_muted.get("microphone", False)),
        *judge_speaker(answer, is_muted=is_muted.get("speaker", False)),
        *judge_air(answer),
    ]


def judge_microphone(answer: Answers, *, is_muted: bool) -> Finding:
    """What the microphone delivered."""
    check, mic = "microphone", answer["microphone"]
    if mic is None:
        return _closed(check, str(answer["causes"].get(check, "it cannot be opened")))
    figures = {"level_dbfs": float(mic["level_dbfs"]), "latency_ms": float(mic["latency_ms"])}
    if mic["failure"]:
        return Finding(check, Status.BAD, str(mic["failure"]), "plug it in again", figures)
    if mic["seconds"] <= 0:
        remedy = "restart the sound server; another program may hold the microphone"
        return Finding(check, Status.BAD, "it opens, and delivers nothing", remedy, figures)
    muted = " (the system mutes it)" if is_muted else ""
    if mic["is_zeros"] or (is_muted and mic["level_dbfs"] < _SILENT_DBFS):
        evidence = f"it delivers exact zeros for {mic['seconds']:.0f} s{muted}"
        remedy = (
            "unmute it in the system's mixer (`pactl set-source-mute @DEFAULT_SOURCE@ 0`) or by "
            "its own switch; choose another default source; on macOS allow the terminal the "
            "microphone: System Settings, Privacy & Security"
        )
        return Finding(check, Status.BAD, evidence, remedy, figures)
    level = int(mic["level_dbfs"])
    if mic["is_clipped"] and not answer.get("heard"):
        remedy = "turn its gain down in the system's mixer"
        return Finding(check, Status.POOR, f"it clips, at {level} dBFS", remedy, figures)
    if level < LOW_DBFS and not answer.get("heard"):
        evidence = f"it delivers {level} dBFS: less than a quiet room"
        remedy = "turn its gain up in the system's mixer, or speak while this runs"
        return Finding(check, Status.POOR, evidence, remedy, figures)
    room = "silence" if level < _SILENT_DBFS else f"{level} dBFS in the room"
    return Finding(check, Status.OK, f"delivers {room}, {mic['latency_ms']} ms late", "", figures)


def judge_speaker(answer: Answers, *, is_muted: bool) -> list[Finding]:
    """Whether the speaker took what was played."""
    check, speaker = "speaker", answer["speaker"]
    if speaker is None:
        cause = answer["causes"].get(check)
        return [_closed(check, str(cause))] if cause else []
    figures = {"latency_ms": float(speaker["latency_ms"])}
    if speaker["failure"] or speaker["seconds"] <= 0:
        evidence = str(speaker["failure"]) or "it opens, and takes no sound"
        return [Finding(check, Status.BAD, evidence, "restart the sound server", figures)]
    if is_muted:
        remedy = "`pactl set-sink-mute @DEFAULT_SINK@ 0`, or the system's mixer"
        return [Finding(check, Status.BAD, "the system mutes it", remedy, figures)]
    evidence = f"took {speaker['seconds']:.1f} s of sound, {speaker['latency_ms']} ms ahead"
    return [Finding(check, Status.OK, evidence, "", figures)]


def judge_air(answer: Answers) -> list[Finding]:
    """Whether the microphone heard the speaker."""
    check = "tone"
    if answer["microphone"] is None or answer["speaker"] is None:
        return []
    if answer["heard"]:
        figures = {
            "loop_ms": float(answer["loop_ms"]),
            "heard_dbfs": float(answer["heard_dbfs"]),
        }
        evidence = (
            f"the microphone heard it after {answer['loop_ms']} ms, at {answer['heard_dbfs']} dBFS"
        )
        return [Finding(check, Status.OK, evidence, "", figures)]
    remedy = (
        "with headphones this is right, if you heard four chirps; else the default speaker or "
        "microphone is another than you think, or turned down"
    )
    return [Finding(check, Status.NOTE, "the microphone did not hear the speaker", remedy)]


def _closed(check: str, cause: str) -> Finding:
    return Finding(check, Status.BAD, *_cause(cause))


def _cause(cause: str) -> tuple[str, str]:
    """What is wrong, and the remedy, from the words of a call."""
    what, _, remedy = cause.partition(": ")
    return what, remedy.removesuffix(", then rejoin")


def mutes(environ: Mapping[str, str] = os.environ) -> dict[str, bool]:
    """What pactl says is muted; nothing where it is not there."""
    if shutil.which("pactl") is None:
        return {}
    source = environ.get("PULSE_SOURCE", "@DEFAULT_SOURCE@")
    sink = environ.get("PULSE_SINK", "@DEFAULT_SINK@")
    found = {}
    for check, words in {
        "microphone": ["get-source-mute", source],
        "speaker": ["get-sink-mute", sink],
    }.items():
        try:
            done = subprocess.run(
                ["pactl", *words],
                env=dict(environ) | {"LC_ALL": "C"},
                capture_output=True,
                text=True,
                timeout=_PACTL_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError):
            continue
        found[check] = done.stdout.strip().endswith("yes")
    return found
