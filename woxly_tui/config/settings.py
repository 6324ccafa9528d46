"""Every setting there is: its place in the file, its variable, its flag, its default.

Sections of the file are the fields of `Config`, keys are the fields of each section.
"""

import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, TypeAlias

from woxly_tui.config.secret import Secret

Value: TypeAlias = str | bool | int | float | Secret


@dataclass(frozen=True, slots=True)
class From:
    """Where else than in the file a setting may stand, and what it may be."""

    env: str
    flag: str = ""
    """The flag of `woxly join`; empty where there is none."""
    choices: tuple[str, ...] = ()
    least: float = 0.0
    """Of a number."""
    most: float = 0.0


_UNSET: Final = Secret("")


@dataclass(frozen=True, slots=True)
class LiveKitSettings:
    """The SFU, and what lets us in: a token, or a key with its secret."""

    url: Annotated[str, From("LIVEKIT_URL", "--url")] = ""
    """Where the server is: ws:// or wss://, a port and a path if it has them."""
    token: Annotated[Secret, From("LIVEKIT_TOKEN", "--token")] = _UNSET
    """A ready-made token; it also names the room and who we are in it."""
    api_key: Annotated[str, From("LIVEKIT_API_KEY", "--api-key")] = ""
    """Key from which woxly makes a token itself; goes with `api_secret`."""
    api_secret: Annotated[Secret, From("LIVEKIT_API_SECRET", "--api-secret")] = _UNSET
    """The secret of `api_key`. Whoever has it may enter every room."""


@dataclass(frozen=True, slots=True)
class YouSettings:
    """How others see us."""

    name: Annotated[str, From("WOXLY_NAME", "--name")] = ""
    """The name others see; your login name where this is empty."""


@dataclass(frozen=True, slots=True)
class CallSettings:
    """A call, from joining to leaving."""

    room: Annotated[str, From("WOXLY_ROOM", "ROOM")] = ""
    """The room to join when none is given."""
    muted: Annotated[bool, From("WOXLY_MUTED", "--muted")] = False
    """Join with the microphone muted."""
    confirm_leave: Annotated[bool, From("WOXLY_CONFIRM_LEAVE")] = True
    """Ask before leaving while others are in the call."""
    on_close: Annotated[str, From("WOXLY_ON_CLOSE", choices=("detach", "hang_up"))] = "detach"
    """What closing the terminal does to the call: detach leaves it running, hang_up leaves it."""


@dataclass(frozen=True, slots=True)
class PttSettings:
    """The push-to-talk key."""

    mode: Annotated[str, From("WOXLY_PTT_MODE", choices=("talk", "mute"))] = "talk"
    """talk: holding it opens a muted microphone; mute: holding it mutes an open one."""
    rung: Annotated[str, From("WOXLY_PTT_RUNG", choices=("auto", "tap"))] = "auto"
    """auto: held where the terminal tells of releases, tapped elsewhere; tap: always tapped."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """The process that holds the call."""

    stay_online: Annotated[bool, From("WOXLY_STAY_ONLINE")] = False
    """Keep it running without a call and without a screen, online where you are signed in: friends
    can ring you, and `woxly answer` answers."""


@dataclass(frozen=True, slots=True)
class AudioSettings:
    """Sound in and out."""

    backend: Annotated[
        str, From("WOXLY_BACKEND", "--backend", choices=("auto", "native", "mixer", "null"))
    ] = "auto"
    """native: the shortest way to the sound card; mixer: a volume for each person, and plain
    ALSA; null: no sound; auto: native, the mixer where it is needed, null as a last resort."""
    microphone: Annotated[str, From("WOXLY_MICROPHONE")] = ""
    """The microphone to use whenever it is plugged in: its name, or enough of its beginning."""
    speaker: Annotated[str, From("WOXLY_SPEAKER")] = ""
    """The same for the speaker."""
    muted_hint: Annotated[str, From("WOXLY_MUTED_HINT", choices=("off", "auto", "always"))] = "auto"
    """Whether to say so when we speak while muted, by listening on this machine only: auto does
    where the microphone is open anyway, which is with the mixer; always opens it for that."""
    master_percent: Annotated[int, From("WOXLY_MASTER_PERCENT", least=0, most=200)] = 100
    """How loud everybody together is played."""
    mic_gain_db: Annotated[float, From("WOXLY_MIC_GAIN_DB", least=-20, most=20)] = 0.0
    """How much louder, or softer, our microphone is sent."""
    echo_cancellation: Annotated[bool, From("WOXLY_ECHO_CANCELLATION")] = True
    """Take what the speaker plays out of the microphone."""
    noise_suppression: Annotated[bool, From("WOXLY_NOISE_SUPPRESSION")] = True
    """Take steady noise out of the microphone."""
    auto_gain: Annotated[bool, From("WOXLY_AUTO_GAIN")] = True
    """Bring the microphone to a usual level."""
    high_pass: Annotated[bool, From("WOXLY_HIGH_PASS")] = True
    """Take rumble out of the microphone."""
    gate: Annotated[str, From("WOXLY_GATE")] = "off"
    """Send nothing softer than a voice: off, auto, or the threshold in dBFS."""
    strong_suppression: Annotated[bool, From("WOXLY_STRONG_SUPPRESSION")] = False
    """Take keyboards and other sudden noise out of the microphone, too."""


@dataclass(frozen=True, slots=True)
class CueSettings:
    """Short sounds that say what happened; the screen says it, too."""

    on: Annotated[bool, From("WOXLY_CUES")] = True
    """Whether there are any."""
    percent: Annotated[int, From("WOXLY_CUES_PERCENT", least=0, most=200)] = 60
    """How loud they are."""
    quiet_above: Annotated[int, From("WOXLY_CUES_QUIET_ABOVE", least=0, most=1000)] = 10
    """With more people than this in the call, nobody is heard coming or going."""


@dataclass(frozen=True, slots=True)
class UiSettings:
    """The screen."""

    theme: Annotated[str, From("WOXLY_THEME")] = ""
    """Name of a colour theme, as the command palette lists them; empty for woxly's own."""


@dataclass(frozen=True, slots=True)
class NotifySettings:
    """How you hear that somebody rings."""

    bell: Annotated[bool, From("WOXLY_NOTIFY_BELL")] = True
    """Ring the terminal's bell."""
    terminal: Annotated[
        str, From("WOXLY_NOTIFY_TERMINAL", choices=("auto", "osc9", "osc777", "osc99", "off"))
    ] = "auto"
    """Have the terminal show a notification; auto: where it is known to understand one."""
    desktop: Annotated[bool, From("WOXLY_NOTIFY_DESKTOP")] = True
    """Have the desktop show one, where there is a desktop."""


@dataclass(frozen=True, slots=True)
class LogSettings:
    """The log files; `woxly config path --logs` says where they are."""

    level: Annotated[
        str, From("WOXLY_LOG_LEVEL", choices=("debug", "info", "warning", "error"))
    ] = "info"
    """How much is written."""


@dataclass(frozen=True, slots=True)
class Config:
    """All settings, from wherever they came."""

    livekit: LiveKitSettings = LiveKitSettings()
    you: YouSettings = YouSettings()
    call: CallSettings = CallSettings()
    ptt: PttSettings = PttSettings()
    engine: EngineSettings = EngineSettings()
    audio: AudioSettings = AudioSettings()
    cues: CueSettings = CueSettings()
    ui: UiSettings = UiSettings()
    notify: NotifySettings = NotifySettings()
    log: LogSettings = LogSettings()


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting, as declared above."""

    section: str
    key: str
    kind: type
    default: Value
    source: From

    @property
    def path(self) -> str:
        """Section and key: `livekit.url`."""
        return f"{self.section}.{self.key}"


def _declared() -> Iterator[Setting]:
    for section, cls in typing.get_type_hints(Config).items():
        defaults = cls()
        for key, hint in typing.get_type_hints(cls, include_extras=True).items():
            kind, source = typing.get_args(hint)
            yield Setting(section, key, kind, getattr(defaults, key), source)


SETTINGS: Final = tuple(_declared())
"""All settings, in the order of the file."""
