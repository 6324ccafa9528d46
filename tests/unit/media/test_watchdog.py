import math
from collections.abc import Callable, Iterator

from woxly_tui.media.watchdog import (
    CAPTURE_LOST,
    OPEN_LOOK_S,
    PLAYOUT_LOST,
    SILENT_LOOK_S,
    AudioWatchdog,
    SilenceWatch,
)
from woxly_tui.types import Seconds

Counter = Callable[[float], float | None]


def looks(
    watchdog: AudioWatchdog, capture: Counter, playout: Counter, seconds: Iterator[float]
) -> str | None:
    for now in seconds:
        cause = watchdog.look(Seconds(now), capture_s=capture(now), playout_samples=playout(now))
        if cause is not None:
            return f"{cause} at {now:.1f}"
    return None


def every(step: float, until: float, start: float = 0.0) -> Iterator[float]:
    for index in range(int((until - start) / step)):
        yield start + index * step


def runs(now: float) -> float:
    return now


def stands(_now: float) -> float:
    return 5.0


def absent(_now: float) -> None:
    return None


def test_sound_that_flows_is_fine() -> None:
    assert looks(AudioWatchdog(), runs, runs, every(0.1, 60)) is None


def test_an_open_microphone_that_delivers_nothing_is_lost() -> None:
    assert looks(AudioWatchdog(), stands, runs, every(0.5, 60)) == f"{CAPTURE_LOST} at 3.5"


def test_playout_that_stands_is_lost() -> None:
    assert looks(AudioWatchdog(), runs, stands, every(0.5, 60)) == f"{PLAYOUT_LOST} at 3.0"


def test_a_muted_microphone_and_an_empty_room_are_no_loss() -> None:
    assert looks(AudioWatchdog(), absent, absent, every(0.5, 60)) is None


def test_a_microphone_gets_its_time_after_each_opening() -> None:
    watchdog = AudioWatchdog()
    assert looks(watchdog, stands, absent, every(0.5, 2)) is None
    assert looks(watchdog, absent, absent, every(0.5, 4, 2)) is None
    assert looks(watchdog, stands, absent, every(0.5, 6, 4)) is None
    assert looks(watchdog, stands, absent, every(0.5, 9, 6)) == f"{CAPTURE_LOST} at 7.5"


def test_a_stall_of_our_own_proves_nothing() -> None:
    watchdog = AudioWatchdog()
    assert watchdog.look(Seconds(0), capture_s=1.0, playout_samples=1) is None
    assert watchdog.look(Seconds(30), capture_s=1.0, playout_samples=1) is None
    assert watchdog.look(Seconds(31), capture_s=1.0, playout_samples=1) is None
    assert watchdog.look(Seconds(33.5), capture_s=1.0, playout_samples=1) == CAPTURE_LOST


def test_restart_forgets_what_stood() -> None:
    watchdog = AudioWatchdog()
    assert looks(watchdog, stands, stands, every(0.5, 2)) is None
    watchdog.restart()
    assert looks(watchdog, stands, stands, every(0.5, 3.9, 2)) is None


def silences(energies: Iterator[tuple[float, float | None]]) -> list[tuple[float, bool]]:
    watch = SilenceWatch()
    return [(now, watch.is_silent) for now, energy in energies if watch.look(Seconds(now), energy)]


def test_exact_zeros_are_told_after_two_seconds_and_the_first_sound_ends_it() -> None:
    zeros = ((now, 0.5 if now < 4 else 0.6) for now in every(0.5, 6))
    assert silences(zeros) == [(2.0, True), (4.0, False)]


def test_the_faintest_hum_is_sound() -> None:
    assert silences((now, now * 1e-9) for now in every(0.5, 6)) == []


def test_a_muted_microphone_is_not_silent() -> None:
    assert silences((now, None if now >= 3 else 0.0) for now in every(0.5, 6)) == [
        (2.0, True),
        (3.0, False),
    ]


def test_an_open_microphone_is_looked_at_often_and_a_silent_one_more_often() -> None:
    watch = SilenceWatch()
    assert watch.look_within == math.inf
    watch.look(Seconds(0), 0.5)
    assert watch.look_within == OPEN_LOOK_S
    watch.look(Seconds(2), 0.5)
    assert watch.look_within == SILENT_LOOK_S
    watch.look(Seconds(3), None)
    assert watch.look_within == math.inf
