"""The configuration file, read strictly: every complaint names the file and the line."""

import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from woxly_tui.config.secret import Secret
from woxly_tui.config.settings import SETTINGS, Setting, Value
from woxly_tui.config.values import check_value, nearest
from woxly_tui.errors import ConfigError

MAX_BYTES: Final = 1 << 20
"""Longest configuration file; one of ours has a few thousand."""


@dataclass(frozen=True, slots=True)
class FileValue:
    """A value found in the file."""

    value: Value
    line: int


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """What the file holds; nothing when it does not exist."""

    path: Path
    exists: bool = False
    values: Mapping[str, FileValue] = field(default_factory=dict)
    """By setting path: `livekit.url`."""
    warning: str = ""
    """A danger the user should know of, with the cure; empty where all is well."""


def load_file(path: Path, *, must_exist: bool) -> ConfigFile:
    """Read and check the file.

    Raises:
        ConfigError: It is missing though asked for, unreadable, not TOML, or holds an
            unknown section or key, or a wrong value.
    """
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            raise ConfigError(f"{path} is too large for a configuration file")
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        if must_exist:
            raise ConfigError(f"the configuration file {path} does not exist") from None
        return ConfigFile(path)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{path}:{line}: the file is not UTF-8 text") from None
    except OSError as error:
        why = error.strerror or str(error)
        raise ConfigError(f"the configuration file {path} cannot be read ({why})") from None
    values = _checked(path, text, _parsed(path, text))
    return ConfigFile(path, exists=True, values=values, warning=_danger(path, mode, values))


def _parsed(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        why = re.sub(r" \(at .*\)$", "", str(error))
        hint = 'text values need quotes: url = "ws://…"' if "Invalid value" in why else ""
        raise ConfigError(f"{path}:{line}: not valid TOML: {why}", hint) from None
    except RecursionError:
        raise ConfigError(f"{path}: not valid TOML: nested too deeply") from None


def _checked(path: Path, text: str, tables: Mapping[str, Any]) -> dict[str, FileValue]:
    known = {setting.path: setting for setting in SETTINGS}
    sections = {setting.section for setting in SETTINGS}
    values = {}
    for section, table in tables.items():
        if section not in sections:
            raise _unknown_section(path, text, section, table, sections)
        if not isinstance(table, dict):
            line = _line_of(text, section)
            raise ConfigError(f"{path}:{line}: {section} must be a section", f"write [{section}]")
        for key, raw in table.items():
            line = _line_of(text, section, key)
            setting = known.get(f"{section}.{key}")
            if setting is None:
                raise _unknown_key(path, line, section, key)
            where = f"{path}:{line}: [{section}] {key}"
            values[setting.path] = FileValue(check_value(setting, raw, where, ConfigError), line)
    return values


def _unknown_section(
    path: Path, text: str, section: str, table: object, sections: set[str]
) -> ConfigError:
    line = _line_of(text, section)
    if isinstance(table, dict):
        listed = "sections are " + ", ".join(f"[{name}]" for name in sorted(sections))
        return ConfigError(
            f"{path}:{line}: unknown section [{section}]", nearest(section, sections) or listed
        )
    homes = [setting for setting in SETTINGS if setting.key == section]
    remedy = f"{section} goes under [{homes[0].section}]" if homes else _keys_like(section)
    return ConfigError(f"{path}:{line}: key {section!r} stands outside any section", remedy)


def _unknown_key(path: Path, line: int, section: str, key: str) -> ConfigError:
    siblings = [setting.key for setting in SETTINGS if setting.section == section]
    homes = [setting.section for setting in SETTINGS if setting.key == key]
    remedy = nearest(key, siblings)
    if homes:
        remedy = f"{key} goes under [{homes[0]}]"
    remedy = remedy or f"[{section}] knows {', '.join(siblings)}"
    return ConfigError(f"{path}:{line}: unknown key {key!r} in [{section}]", remedy)


def _keys_like(key: str) -> str:
    found = nearest(key, [setting.key for setting in SETTINGS])
    return found or "keys stand under a section such as [livekit]"


def _line_of(text: str, section: str, key: str = "") -> int:
    """Line of a key, or of a section when `key` is empty; 1 where it cannot be told."""
    here, section_line = "", 0
    for number, line in enumerate(text.splitlines(), start=1):
        if header := re.match(r"\s*\[+\s*[\"']?([^\]\"'.]*)", line):
            here = header[1].strip()
            if here == section:
                section_line = section_line or number
                if not key:
                    return number
            continue
        name = re.match(r"\s*([^=#]+?)\s*=", line)
        parts = [part.strip(" \t\"'") for part in name[1].split(".")] if name else []
        full = [here, *parts] if here else parts
        wanted = [part for part in (section, key) if part]
        if full[: len(wanted)] == wanted:
            return number
        if full == [section]:  # an inline table holds the key
            section_line = number
    return section_line or 1


def _danger(path: Path, mode: int, values: Mapping[str, FileValue]) -> str:
    has_secret = any(isinstance(found.value, Secret) and found.value for found in values.values())
    if not has_secret or not mode & (stat.S_IRGRP | stat.S_IROTH):
        return ""
    return f"{path} holds a secret and others can read it; run: chmod 600 {path}"


def setting_at(path: str) -> Setting:
    """The setting called `section.key`."""
    return next(setting for setting in SETTINGS if setting.path == path)
