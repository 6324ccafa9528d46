"""Whether this machine hears and is heard: server, microphone, speaker, and the air between."""

import os
from collections.abc import Mapping
from typing import Any, Final

from woxly_tui.doctor.child import ask_child
from woxly_tui.doctor.finding import Finding, Status
from woxly_tui.doctor.mixer import (
    Setting,
    lack_of,
    microphone_silencer,
    settings_of,
    speaker_silencer,
)
from woxly_tui.doctor.pulse import judge_sound_server

PROBE: Final = "woxly_tui.media.sound_probe"
PROBE_LIMIT_S: Final = 25.0

LEAST_PLAYED_S: Final = 0.5
"""A speaker that took less of some seconds does not run."""

LOW_DBFS: Final = -75
"""A room is louder than this to any working microphone that is not gated."""

_SILENT_DBFS: Final = -119

_ZEROS_REMEDY: Final = (
    "look at its own switch, and at its privacy switch; choose another default source; on macOS "
    "allow the terminal the microphone: System Settings, Privacy & Security"
)

Answers = Mapping[str, Any]


def judge_server(answer: Answers, environ: Mapping[str, str] = os.environ) -> list[Finding]:
    """What the sound server's answer to a knock means for a call; devices it lacks included."""
    cause, remedy = _cause(str(answer["cause"]))
    if not answer["is_reached"]:
        return [Finding("sound", Status.BAD, cause, remedy)]
    found = [judge_sound_server(answer, environ)]
    settings = settings_of(answer)
    for check in ("microphone", "speaker"):
        evidence, lack_remedy = lack_of(check, settings.get(check, Setting()))
        if evidence:
            found.append(Finding(check, Status.BAD, evidence, lack_remedy))
    # Without a way nobody was asked: macOS has no such server.
    lacking = {"NO_MICROPHONE": "microphone", "NO_SPEAKER": "speaker"}.get(str(answer["server"]))
    if answer["way"] and lacking and lacking not in {one.check for one in found}:
        found.append(Finding(lacking, Status.BAD, cause, remedy))
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


async def probe_sound(settings: Mapping[str, Setting], *, is_toned: bool) -> list[Finding]:
    """Listen, play, and hear it, in a process of its own."""
    said, _ = await ask_child(PROBE, {"tone": is_toned}, PROBE_LIMIT_S)
    answer = next((line for line in said if line.get("type") == "sound"), None)
    if answer is None:
        evidence = "the devices were opened, and nothing came of it"
        remedy = "restart the sound server; another program may hold the device"
        return [Finding("devices", Status.BAD, evidence, remedy)]
    return judge_sound(answer, settings)


def judge_sound(answer: Answers, settings: Mapping[str, Setting]) -> list[Finding]:
    """What a probe's answer means.

    Args:
        answer: Of `media.sound_probe`.
        settings: Of `microphone` and `speaker` in the system's mixer, as far as they are known.
    """
    found = [
        judge_microphone(answer, settings.get("microphone", Setting())),
        *judge_speaker(answer, settings.get("speaker", Setting())),
    ]
    # Of what one of the two explains nothing is to be said of the air.
    is_broken = any(one.status is Status.BAD for one in found)
    return found + ([] if is_broken else judge_air(answer))


def judge_microphone(answer: Answers, setting: Setting) -> Finding:
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
    why, remedy = microphone_silencer(setting)
    if mic["is_zeros"] or (why and mic["level_dbfs"] < _SILENT_DBFS):
        evidence = f"it delivers exact zeros for {mic['seconds']:.0f} s"
        evidence += f": {why}" if why else _named(setting)
        return Finding(check, Status.BAD, evidence, remedy or _ZEROS_REMEDY, figures)
    if setting.is_monitor:
        return Finding(check, Status.POOR, why, remedy, figures)
    level = int(mic["level_dbfs"])
    if mic["is_clipped"] and not answer.get("heard"):
        remedy = "turn its gain down in the system's mixer"
        return Finding(check, Status.POOR, f"it clips, at {level} dBFS", remedy, figures)
    if level < LOW_DBFS and not answer.get("heard"):
        evidence = f"it delivers {level} dBFS: less than a quiet room{_named(setting)}"
        remedy = "turn its gain up in the system's mixer, or speak while this runs"
        return Finding(check, Status.POOR, evidence, remedy, figures)
    room = "silence" if level < _SILENT_DBFS else f"{level} dBFS in the room"
    evidence = f"delivers {room}, {mic['latency_ms']} ms late{_named(setting)}"
    return Finding(check, Status.OK, evidence, "", figures)


def judge_speaker(answer: Answers, setting: Setting) -> list[Finding]:
    """Whether the speaker took what was played."""
    check, speaker = "speaker", answer["speaker"]
    why, remedy = speaker_silencer(setting)
    if speaker is None:
        if cause := answer["causes"].get(check):
            return [_closed(check, str(cause))]
        return [Finding(check, Status.BAD, why, remedy)] if why else []
    figures = {"latency_ms": float(speaker["latency_ms"])}
    if why:
        return [Finding(check, Status.BAD, why, remedy, figures)]
    if speaker["failure"] or speaker["seconds"] < LEAST_PLAYED_S:
        evidence = str(speaker["failure"]) or "it opens, and takes no sound"
        remedy = (
            "`pactl suspend-sink @DEFAULT_SINK@ 0` if it is suspended; restart the sound server"
        )
        return [Finding(check, Status.BAD, evidence, remedy, figures)]
    evidence = f"took {speaker['seconds']:.1f} s of sound, {speaker['latency_ms']} ms ahead"
    return [Finding(check, Status.OK, f"{evidence}{_named(setting)}", "", figures)]


def _named(setting: Setting) -> str:
    return f": {setting.shown}" if setting.shown else ""


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
