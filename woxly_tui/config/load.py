"""All sources put together: flag beats environment beats file beats default."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from woxly_tui.config import settings as declared
from woxly_tui.config.secret import Secret
from woxly_tui.config.settings import SETTINGS, Config, Setting, Value
from woxly_tui.config.toml_file import ConfigFile, load_file
from woxly_tui.config.values import parse_text
from woxly_tui.errors import UsageError

CONFIG_VARIABLE: Final = "WOXLY_CONFIG"
"""Names the configuration file, unless a flag does."""


class Source(StrEnum):
    """Where a value came from, the strongest first."""

    FLAG = "flag"
    ENVIRONMENT = "environment"
    FILE = "file"
    DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Found:
    """A value, and where it stands."""

    value: Value
    source: Source
    where: str
    """For people: `--url`, `LIVEKIT_URL`, `/home/ann/.config/woxly/config.toml:3`."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings in force, with every value each source offered."""

    config: Config
    file: ConfigFile
    offers: Mapping[str, tuple[Found, ...]]
    """By setting path, strongest first; the last one is the default."""

    def found(self, path: str) -> Found:
        """The value in force of a setting, as `livekit.url`, and its origin."""
        return self.offers[path][0]

    def offer(self, path: str, source: Source) -> Found | None:
        """What one source says about a setting."""
        return next((found for found in self.offers[path] if found.source is source), None)


def config_path(flag: str | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """The configuration file: the flag's, else WOXLY_CONFIG's, else the user's own."""
    import platformdirs

    named = flag or (os.environ if environ is None else environ).get(CONFIG_VARIABLE)
    if named:
        return Path(named).expanduser()
    return platformdirs.user_config_path("woxly", appauthor=False) / "config.toml"


def load_config(
    flags: Mapping[str, str | bool | None] | None = None,
    *,
    config_flag: str | None = None,
    environ: Mapping[str, str] | None = None,
) -> Loaded:
    """Read all sources.

    Args:
        flags: What was typed, by setting path; None means not typed.
        config_flag: Which file to read instead of the usual one; it must exist.
        environ: The environment; the process's own unless given.

    Raises:
        ConfigError: The file cannot be used.
        UsageError: A flag or variable cannot be read.
    """
    variables = os.environ if environ is None else environ
    is_named = bool(config_flag or variables.get(CONFIG_VARIABLE))
    file = load_file(config_path(config_flag, variables), must_exist=is_named)
    typed = flags or {}
    offers = {
        setting.path: tuple(
            found
            for found in (
                _from_flag(setting, typed.get(setting.path)),
                _from_environment(setting, variables.get(setting.source.env, "")),
                _from_file(setting, file),
                Found(setting.default, Source.DEFAULT, "default"),
            )
            if found is not None
        )
        for setting in SETTINGS
    }
    return Loaded(_assembled(offers), file, offers)


def _from_flag(setting: Setting, raw: str | bool | None) -> Found | None:
    if raw is None:
        return None
    if isinstance(raw, bool):
        return Found(raw, Source.FLAG, setting.source.flag)
    if not raw.strip():
        raise UsageError(f"{setting.source.flag} is empty", "give it a value, or leave it out")
    return Found(parse_text(setting, raw, setting.source.flag), Source.FLAG, setting.source.flag)


def _from_environment(setting: Setting, raw: str) -> Found | None:
    """An empty variable counts as unset."""
    if not raw.strip():
        return None
    return Found(
        parse_text(setting, raw, setting.source.env), Source.ENVIRONMENT, setting.source.env
    )


def _from_file(setting: Setting, file: ConfigFile) -> Found | None:
    """An empty text counts as unset, so that the example file can show every key."""
    held = file.values.get(setting.path)
    if held is None or (isinstance(held.value, str | Secret) and not held.value):
        return None
    return Found(held.value, Source.FILE, f"{file.path}:{held.line}")


def _assembled(offers: Mapping[str, tuple[Found, ...]]) -> Config:
    def values(section: str) -> dict[str, Any]:
        mine = [setting for setting in SETTINGS if setting.section == section]
        return {setting.key: offers[setting.path][0].value for setting in mine}

    return Config(
        livekit=declared.LiveKitSettings(**values("livekit")),
        you=declared.YouSettings(**values("you")),
        call=declared.CallSettings(**values("call")),
        ptt=declared.PttSettings(**values("ptt")),
        engine=declared.EngineSettings(**values("engine")),
        audio=declared.AudioSettings(**values("audio")),
        cues=declared.CueSettings(**values("cues")),
        ui=declared.UiSettings(**values("ui")),
        notify=declared.NotifySettings(**values("notify")),
        log=declared.LogSettings(**values("log")),
    )
