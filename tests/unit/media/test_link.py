import pytest

from woxly_tui.media.link import LinkMeter, calm_rtt_ms
from woxly_tui.media.messages import LinkMeasured, LinkQuality
from woxly_tui.types import Seconds


@pytest.mark.parametrize(
    ("rtt_ms", "shown"), [(0.3, 1), (7.2, 8), (38.4, 40), (42, 40), (154, 150), (471, 450)]
)
def test_round_trip_times_are_told_in_steps(rtt_ms: float, shown: int) -> None:
    assert calm_rtt_ms(rtt_ms, None) == shown


def test_a_shown_time_stays_while_it_is_near_enough() -> None:
    assert calm_rtt_ms(43.9, 40) == 40
    assert calm_rtt_ms(44.1, 40) == 45


def test_a_wavering_time_is_told_once() -> None:
    meter = LinkMeter(1)
    reports = []
    for second in range(60):
        meter.note_rtt(0.040 + (0.003 if second % 2 else -0.003))
        if report := meter.report(Seconds(second)):
            reports.append(report.rtt_ms)
    assert len(reports) <= 2


def test_at_most_one_report_a_second() -> None:
    meter = LinkMeter(3)
    assert meter.report(Seconds(0.0)) == LinkMeasured(3, LinkQuality.UNKNOWN, None)
    meter.set_quality(LinkQuality.POOR)
    assert meter.report(Seconds(0.5)) is None
    assert meter.report(Seconds(1.0)) == LinkMeasured(3, LinkQuality.POOR, None)
    assert meter.report(Seconds(9.0)) is None


def test_a_round_trip_of_zero_is_no_measurement() -> None:
    meter = LinkMeter(1)
    meter.note_rtt(0.0)
    meter.note_rtt(None)
    report = meter.report(Seconds(0))
    assert report is not None
    assert report.rtt_ms is None
