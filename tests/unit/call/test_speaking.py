"""Who is speaking, from levels."""

from woxly_tui.call.snapshot import ParticipantLevel
from woxly_tui.call.speaking import HANGOVER, SpeakingDetector
from woxly_tui.types import SILENCE_DBFS, Dbfs, Identity, Seconds

ANN = Identity("ann")


def hear(detector: SpeakingDetector, dbfs: float, now: float) -> tuple[ParticipantLevel, ...]:
    return detector.hear({ANN: Dbfs(dbfs)}, Seconds(now))


def is_speaking(levels: tuple[ParticipantLevel, ...]) -> bool:
    (level,) = levels
    return level.is_speaking


def test_a_pause_between_words_does_not_end_it() -> None:
    detector = SpeakingDetector()
    assert is_speaking(hear(detector, -30, 0.0))
    assert is_speaking(hear(detector, -70, 1.0))
    assert is_speaking(hear(detector, -30, 1.0 + HANGOVER / 2))
    assert is_speaking(hear(detector, -70, 5.0))
    assert detector.next_deadline() == 5.0 + HANGOVER
    (level,) = detector.hear({}, Seconds(5.0 + HANGOVER))
    assert level == ParticipantLevel(ANN, Dbfs(-70), is_speaking=False)
    assert detector.next_deadline() is None


def test_it_starts_louder_than_it_ends() -> None:
    detector = SpeakingDetector()
    assert not is_speaking(hear(detector, -48, 0.0))
    hear(detector, -40, 1.0)
    hear(detector, -48, 2.0)
    assert detector.next_deadline() is None


def test_a_constant_level_needs_no_repetition() -> None:
    detector = SpeakingDetector()
    hear(detector, -30, 0.0)
    assert detector.hear({}, Seconds(60.0)) == ()


def test_who_is_gone_leaves_no_trace() -> None:
    detector = SpeakingDetector()
    hear(detector, -30, 0.0)
    detector.forget(ANN)
    assert hear(detector, SILENCE_DBFS, 0.1) == ()
    assert detector.silence() == ()


def test_a_lost_session_silences_everyone_once() -> None:
    detector = SpeakingDetector()
    hear(detector, -30, 0.0)
    assert detector.silence() == (ParticipantLevel(ANN, SILENCE_DBFS, is_speaking=False),)
    assert detector.silence() == ()
