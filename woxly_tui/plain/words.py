"""The one registry of words that `--plain` understands."""

from typing import Final, NamedTuple


class Word(NamedTuple):
    """Something the user can type."""

    name: str
    """Method of the session is `do_<name>`."""
    help: str
    """What it does, in small letters and without a full stop."""
    argument: str = ""
    """What follows it, as shown in the help."""
    aliases: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    """Actions of the screen's registry that this stands for."""


WORDS: Final = (
    Word("mute", "mute your microphone", aliases=("m",), actions=("mute",)),
    Word("unmute", "open it", aliases=("u",)),
    Word("deafen", "hear and send nothing", aliases=("d",), actions=("deafen",)),
    Word("undeafen", "go back to how it was"),
    Word(
        "talk",
        "hold the push-to-talk key; an empty line lets go",
        aliases=("ptt",),
        actions=("talk",),
    ),
    Word(
        "volume",
        "how loud somebody is played to you, 0 to 200",
        "NAME [PERCENT]",
        ("v",),
        ("volume", "people", "silence", "normal_volume"),
    ),
    Word(
        "record",
        "record the call, which everybody is told, or end that; alone, say who records",
        "[on/off]",
        actions=("record",),
    ),
    Word("devices", "the microphones and speakers there are", actions=("sound",)),
    Word("device", "use another one now; default follows the sound settings", "mic/speaker NAME"),
    Word(
        "sound",
        "gains and cleaning, or change one",
        "[SETTING VALUE]",
        actions=("sound",),
    ),
    Word("say", "say something in the chat", "TEXT", actions=("chat",)),
    Word("who", "the people in the call", actions=("scroll",)),
    Word(
        "details",
        "how the sound of everybody travels, or of one",
        "[NAME]",
        ("i",),
        ("details",),
    ),
    Word("status", "the state of the call", aliases=("s",), actions=("redraw",)),
    Word(
        "accept",
        "answer whoever rings you; a call you are in is left",
        "[NAME]",
        ("answer",),
        ("incoming",),
    ),
    Word("reject", "refuse whoever rings you", "[NAME]"),
    Word("hangup", "leave the call, or ring no more", aliases=("hang",)),
    Word("rejoin", "try again now, or join again after the call ended", "", ("r",), ("rejoin",)),
    Word("detach", "end here and stay in the call", actions=("detach",)),
    Word("leave", "leave the call", aliases=("q", "quit"), actions=("leave", "interrupt")),
    Word("help", "this list", aliases=("?",), actions=("help", "palette", "theme", "lobby")),
)
"""In the order of the help."""


def word_called(typed: str) -> Word | None:
    """The word with that name or alias; capital letters make no difference."""
    typed = typed.lower()
    return next((word for word in WORDS if typed in (word.name, *word.aliases)), None)


def help_lines() -> list[str]:
    """Every word, a line each."""
    return [_help_line(word) for word in WORDS]


def words_markdown() -> str:
    """The table of words for README."""
    rows = ["| Word | What it does |", "|---|---|"]
    for word in WORDS:
        typed = " ".join(f"`{name}`" for name in (word.name, *word.aliases))
        argument = f" {word.argument}" if word.argument else ""
        rows.append(f"| {typed}{argument} | {word.help} |")
    return "\n".join(rows) + "\n"


def covers(word: Word, action: str) -> bool:
    """Whether a word stands for an action of the screen; `scroll` does for `scroll('up')`."""
    return action.partition("(")[0] in word.actions


def _help_line(word: Word) -> str:
    typed = f"{word.name} {word.argument}".rstrip()
    also = f" (also {', '.join(word.aliases)})" if word.aliases else ""
    return f"{typed}: {word.help}{also}"
