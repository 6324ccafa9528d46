"""One word for call and microphone together."""

import pytest

from woxly_tui.call.state import CallPhase, MicState, StateWord, state_word


@pytest.mark.parametrize("mic", MicState)
@pytest.mark.parametrize("phase", [p for p in CallPhase if p is not CallPhase.ESTABLISHED])
def test_without_a_connection_the_microphone_does_not_matter(
    phase: CallPhase, mic: MicState
) -> None:
    word = state_word(phase, mic, is_starting=False, is_deafened=False)
    assert word == {"idle": "CONNECTING"}.get(phase, phase.upper())


@pytest.mark.parametrize(
    ("mic", "is_starting", "is_deafened", "word"),
    [
        ("open", False, False, StateWord.LIVE),
        ("open", False, True, StateWord.LIVE),
        ("muted", False, False, StateWord.MUTED),
        ("muted", False, True, StateWord.DEAFENED),
        ("absent", False, True, StateWord.DEAFENED),
        ("absent", False, False, StateWord.NO_MIC),
        ("open", True, False, StateWord.CONNECTING),
    ],
)
def test_in_a_call_it_says_what_others_can_hear(
    mic: str, *, is_starting: bool, is_deafened: bool, word: StateWord
) -> None:
    found = state_word("established", mic, is_starting=is_starting, is_deafened=is_deafened)
    assert found is word
