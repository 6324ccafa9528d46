"""The words of `--plain`, and that they leave out nothing the screen can do."""

from woxly_tui.plain.session import PlainSession
from woxly_tui.plain.words import WORDS, covers, help_lines, word_called
from woxly_tui.tui.actions import ACTIONS


def test_every_action_of_the_screen_has_a_word() -> None:
    missing = [a.name for a in ACTIONS if not any(covers(word, a.name) for word in WORDS)]
    assert missing == []


def test_names_and_aliases_are_told_apart() -> None:
    typed = [name for word in WORDS for name in (word.name, *word.aliases)]
    assert len(typed) == len(set(typed))
    assert [word_called(name.upper()) is not None for name in typed] == [True] * len(typed)


def test_every_word_is_done_and_explained() -> None:
    assert [w.name for w in WORDS if not hasattr(PlainSession, f"_do_{w.name}")] == []
    assert len(help_lines()) == len(WORDS)
    assert [line for line in help_lines() if not line.isprintable()] == []
