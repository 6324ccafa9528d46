from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.plain.text import harmless


@given(st.text())
def test_any_text_becomes_one_line_of_the_same_length(text: str) -> None:
    line = harmless(text)
    assert len(line) == len(text)
    assert [c for c in line if ord(c) < 32 or 127 <= ord(c) < 160 or c in "\u202e\u2066"] == []


def test_letters_and_emoji_stay_whole() -> None:
    assert harmless("Zoë 👩\u200d💻") == "Zoë 👩\u200d💻"
