import numpy as np
import pytest

from woxly_tui.demo.echo import (
    FRAME_MS,
    MAX_PENDING,
    RATE_HZ,
    Ear,
    Memory,
    level_dbfs,
)
from woxly_tui.demo.voice import Samples
from woxly_tui.types import Identity

FRAME = RATE_HZ * FRAME_MS // 1000
GUEST, OTHER = Identity("guest"), Identity("other")


def tone(seconds: float, dbfs: float = -20.0) -> Samples:
    times = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    peak = 32768 * np.sqrt(2) * 10 ** (dbfs / 20)
    wave: Samples = (peak * np.sin(2 * np.pi * 440 * times)).astype(np.int16)
    return wave


def noise(seconds: float, dbfs: float) -> Samples:
    rng = np.random.default_rng(1)
    return (rng.standard_normal(int(seconds * RATE_HZ)) * 32768 * 10 ** (dbfs / 20)).astype(
        np.int16
    )


def silence(seconds: float) -> Samples:
    return np.zeros(int(seconds * RATE_HZ), dtype=np.int16)


def frames(*parts: Samples) -> list[Samples]:
    whole = np.concatenate(parts)
    return [whole[at : at + FRAME] for at in range(0, len(whole) - FRAME + 1, FRAME)]


def heard_by(ear: Ear, *parts: Samples) -> list[Samples]:
    return [said for frame in frames(*parts) if (said := ear.hear(frame)) is not None]


def tell(memory: Memory, who: Identity, *parts: Samples) -> None:
    for frame in frames(*parts):
        memory.hear(who, frame)


def test_level_of_a_known_tone() -> None:
    assert level_dbfs(tone(0.02, -20.0)) == pytest.approx(-20.0, abs=0.1)
    assert level_dbfs(silence(0.02)) == -90.0


def test_an_utterance_comes_back_whole_after_the_silence() -> None:
    words = tone(1.0)
    (said,) = heard_by(Ear(), silence(1.0), words, silence(1.0))
    assert 1.0 <= len(said) / RATE_HZ <= 1.5
    start = int(np.flatnonzero(said)[0])
    assert np.array_equal(said[start : start + len(words) - 100], words[1 : len(words) - 99])


def test_a_short_pause_does_not_cut_a_sentence() -> None:
    (said,) = heard_by(Ear(), silence(0.5), tone(0.5), silence(0.5), tone(0.5), silence(1.0))
    assert len(said) / RATE_HZ >= 1.5


def test_a_long_speech_is_cut_at_six_seconds() -> None:
    ear = Ear()
    said = heard_by(ear, silence(0.5), tone(6.5))
    assert [round(len(piece) / RATE_HZ, 1) for piece in said] == [6.0]


def test_a_click_is_no_utterance() -> None:
    assert heard_by(Ear(), silence(0.5), tone(0.015, -10.0), silence(1.5)) == []


def test_steady_noise_is_no_utterance_and_speech_above_it_is() -> None:
    ear = Ear()
    heard_by(ear, noise(20.0, -40.0))
    assert not ear.is_hearing
    assert ear.threshold_dbfs > -40.0
    assert len(heard_by(ear, tone(1.0, -18.0), noise(1.0, -40.0))) == 1


def test_a_quiet_voice_in_silence_is_heard() -> None:
    assert len(heard_by(Ear(), silence(2.0), tone(1.0, -50.0), silence(1.0))) == 1


def test_echo_gives_back_what_a_guest_said_once_they_are_silent() -> None:
    memory = Memory()
    tell(memory, GUEST, silence(0.5), tone(1.0))
    assert memory.is_busy
    assert memory.next_reply() is None
    tell(memory, GUEST, silence(0.8))
    assert memory.next_reply() is not None
    assert memory.is_busy
    assert memory.next_reply() is None
    assert not memory.is_busy


def test_a_guest_is_not_recorded_while_their_own_words_are_given_back() -> None:
    memory = Memory()
    tell(memory, GUEST, silence(0.5), tone(1.0), silence(1.0))
    assert memory.next_reply() is not None
    tell(memory, GUEST, tone(1.0), silence(1.0))
    assert memory.next_reply() is None


def test_two_loudspeakers_cannot_keep_echo_talking_to_itself() -> None:
    memory = Memory()
    tell(memory, GUEST, silence(0.5), tone(1.0), silence(1.0))
    replies = 0
    while memory.next_reply() is not None:
        replies += 1
        assert replies < 5
        for who in (GUEST, OTHER):  # both hear Echo over their loudspeakers
            tell(memory, who, tone(1.0), silence(1.0))
    assert replies == 2


def test_guests_are_answered_in_turn_and_the_backlog_is_bounded() -> None:
    memory = Memory()
    for number in range(MAX_PENDING + 3):
        tell(memory, Identity(f"g{number}"), silence(0.5), tone(0.5), silence(1.0))
    replies = 0
    while memory.next_reply() is not None:
        replies += 1
    assert replies == MAX_PENDING


def test_what_a_leaving_guest_said_last_is_still_given_back() -> None:
    memory = Memory()
    tell(memory, GUEST, silence(0.5), tone(1.0))
    memory.leave(GUEST)
    assert memory.next_reply() is not None
