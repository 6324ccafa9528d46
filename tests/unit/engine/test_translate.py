"""Every word of the media worker has a meaning, and every failure a remedy."""

import pytest

from woxly_tui.call import events as call
from woxly_tui.call.snapshot import EndReason, Quality
from woxly_tui.engine.translate import session_report
from woxly_tui.media import messages as media


@pytest.mark.parametrize("failure", media.ConnectFailure)
def test_each_failure_to_connect_has_cause_and_remedy(failure: media.ConnectFailure) -> None:
    report = session_report(media.ConnectFailed(3, failure, "why"), "sfu:7880")
    assert isinstance(report, call.JoinFailed)
    assert report.session == 3
    assert report.message
    assert report.remedy
    assert "{" not in report.message
    is_token = failure.value.startswith("token")
    assert report.reason is (EndReason.TOKEN if is_token else EndReason.UNREACHABLE)


@pytest.mark.parametrize("cause", media.DisconnectCause)
def test_each_disconnect_is_closed_or_lost(cause: media.DisconnectCause) -> None:
    report = session_report(media.Disconnected(3, cause), "sfu")
    is_closed = cause in (
        media.DisconnectCause.DUPLICATE_IDENTITY,
        media.DisconnectCause.PARTICIPANT_REMOVED,
        media.DisconnectCause.ROOM_DELETED,
    )
    assert isinstance(report, call.SessionClosed if is_closed else call.SessionLost)


@pytest.mark.parametrize("quality", media.LinkQuality)
def test_qualities_have_the_same_names_on_both_sides(quality: media.LinkQuality) -> None:
    report = session_report(media.LinkMeasured(3, quality, 40), "sfu")
    assert report == call.LinkChanged(3, Quality(quality.value), 40)
