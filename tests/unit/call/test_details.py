from dataclasses import fields

from woxly_tui.call.details import ParticipantDetails
from woxly_tui.media import detail_messages


def test_the_worker_says_it_in_the_same_words() -> None:
    ours = [(field.name, field.type) for field in fields(ParticipantDetails)]
    assert ours == [(f.name, f.type) for f in fields(detail_messages.ParticipantDetails)]
