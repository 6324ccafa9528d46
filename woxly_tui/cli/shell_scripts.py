"""Completion scripts for bash, zsh and fish.

Names of people are text from strangers: no script here lets its shell expand one.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from woxly_tui.cli.command_line import FILES, PEOPLE, CommandWords, Flag, Value


def script(shell: str, commands: Sequence[CommandWords]) -> str:
    """The script for a shell."""
    return _WRITERS[shell](commands)


def _quoted(text: str) -> str:
    """For all three shells, as long as no backslash or quote is in it."""
    return "'" + text.replace("\\", "").replace("'", "\u2019") + "'"


# bash

_BASH_HEAD: Final = """\
# bash completion for woxly, made by `woxly completions bash`

_woxly_people() {
    local name typed=${1#[\\"\\']}
    typed=${typed//\\\\/}
    while IFS= read -r name; do
        [[ ${name,,} == "${typed,,}"* ]] || continue
        case $1 in
        [\\"\\']*) [[ $name == *[\\"\\'\\\\\\$\\`!]* ]] || COMPREPLY+=("$name") ;;
        *) COMPREPLY+=("$(printf %q "$name")") ;;
        esac
    done < <(command woxly who --names 2>/dev/null)
}

_woxly() {
    local cur=${COMP_WORDS[COMP_CWORD]} word command='' place=0 is_value='' i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if [[ $is_value ]]; then is_value=''; continue; fi
        if [[ $word == -?* ]]; then
            _woxly_takes_value "$command" "$word" && is_value=$word
        elif [[ ! $command ]]; then
            command=$word
        else
            ((place++))
        fi
    done
"""


def _bash(commands: Sequence[CommandWords]) -> str:
    names = " ".join(command.name for command in commands if command.name)
    values = {":0": f"COMPREPLY=($(compgen -W '{names}' -- \"$cur\"))"}
    valued = []
    for command in commands:
        for place, value in enumerate(command.places):
            values[f"{command.name}:{place}"] = _bash_do(value)
        for flag in command.flags:
            if flag.value is not None:
                valued += [f"{command.name}:{name}" for name in flag.names]
                values |= {f"{command.name}:{n}": _bash_do(flag.value) for n in flag.names}
    lines = [
        _BASH_HEAD.rstrip("\n"),
        "    if [[ $cur != -* || $is_value ]]; then",
        '        case "$command:${is_value:-$place}" in',
        *(f"        {place}) {do} ;;" for place, do in values.items() if do),
        "        esac",
        "        return",
        "    fi",
        '    case "$command" in',
        *(
            f"    {command.name or _quoted('')}) "
            f"COMPREPLY=($(compgen -W '{' '.join(_flag_names(command))}' -- \"$cur\")) ;;"
            for command in commands
        ),
        "    esac",
        "}",
        "",
        "_woxly_takes_value() {",
        '    [[ " ' + " ".join(valued) + ' " == *" $1:$2 "* ]]',
        "}",
        "",
        "complete -F _woxly woxly",
    ]
    return "\n".join(lines) + "\n"


def _bash_do(value: Value) -> str:
    if value.source == PEOPLE:
        return '_woxly_people "$cur"'
    if value.source == FILES:
        return 'compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
    if value.choices:
        return f"COMPREPLY=($(compgen -W '{' '.join(value.choices)}' -- \"$cur\"))"
    return ""


def _flag_names(command: CommandWords) -> list[str]:
    return [name for flag in command.flags for name in flag.names]


# zsh

_ZSH_HEAD: Final = """\
#compdef woxly
# zsh completion for woxly, made by `woxly completions zsh`

_woxly_people() {
    local -a people
    people=("${(@f)$(command woxly who --names 2>/dev/null)}")
    people=("${(@)people:#}")
    compadd -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -a people
}

_woxly() {
    local -a commands
"""

_ZSH_TAIL: Final = """\
    esac
}

if [ "$funcstack[1]" = _woxly ]; then
    _woxly "$@"
else
    compdef _woxly woxly
fi
"""


def _zsh(commands: Sequence[CommandWords]) -> str:
    own, *rest = commands
    lines = [
        _ZSH_HEAD.rstrip("\n"),
        "    commands=(",
        *(f"        {_quoted(f'{c.name}:{c.help}')}" for c in rest),
        "    )",
        "    if (( CURRENT == 2 )); then",
        "        _describe -t commands command commands",
        f"        [[ $PREFIX == -* ]] && _arguments {' '.join(_zsh_specs(own))}",
        "        return",
        "    fi",
        "    shift words",
        "    (( CURRENT-- ))",
        '    case "$words[1]" in',
        *(f"    {c.name}) _arguments {' '.join(_zsh_specs(c))} ;;" for c in rest),
        _ZSH_TAIL.rstrip("\n"),
    ]
    return "\n".join(lines) + "\n"


def _zsh_specs(command: CommandWords) -> list[str]:
    specs = []
    for flag in command.flags:
        value = "" if flag.value is None else f":{_zsh_value(flag.value)}"
        specs += [_quoted(f"{name}[{_zsh_help(flag.help)}]{value}") for name in flag.names]
    specs += [
        _quoted(f"{place}:{_zsh_value(value)}") for place, value in enumerate(command.places, 1)
    ]
    return specs or ["''"]


def _zsh_value(value: Value) -> str:
    label = value.label.replace("|", " ").replace(":", " ")
    action = {PEOPLE: "_woxly_people", FILES: "_files"}.get(value.source, "")
    if value.choices:
        action = f"({' '.join(value.choices)})"
    return f"{label}:{action or ' '}"


def _zsh_help(text: str) -> str:
    return "".join(" " if char in "[]:" else char for char in text)


# fish


def _fish(commands: Sequence[CommandWords]) -> str:
    own, *rest = commands
    lines = [
        "# fish completion for woxly, made by `woxly completions fish`",
        "complete -c woxly -f",
        *(_fish_flag("__fish_use_subcommand", flag) for flag in own.flags),
    ]
    for command in rest:
        lines.append(
            f"complete -c woxly -n __fish_use_subcommand -a {command.name} "
            f"-d {_quoted(command.help)}"
        )
        seen = f"__fish_seen_subcommand_from {command.name}"
        lines += [_fish_flag(seen, flag) for flag in command.flags]
        lines += [
            f"complete -c woxly -n {_quoted(seen)} {words}"
            for words in map(_fish_value, command.places)
            if words
        ]
    return "\n".join(lines) + "\n"


def _fish_flag(condition: str, flag: Flag) -> str:
    names = " ".join(
        f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in flag.names
    )
    value = "" if flag.value is None else f" -r {_fish_value(flag.value)}".rstrip()
    return f"complete -c woxly -n {_quoted(condition)} {names}{value} -d {_quoted(flag.help)}"


def _fish_value(value: Value) -> str:
    if value.source == PEOPLE:
        return "-a '(command woxly who --names 2>/dev/null)'"
    if value.source == FILES:
        return "-F"
    return f"-a {_quoted(' '.join(value.choices))}" if value.choices else ""


_WRITERS: Final[Mapping[str, Callable[[Sequence[CommandWords]], str]]] = {
    "bash": _bash,
    "zsh": _zsh,
    "fish": _fish,
}
