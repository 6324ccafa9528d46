from woxly_tui.wire.rest import LiveParticipant
from woxly_tui.wire.shape import camel, dump, payload, sparse_payload, wire_time


@payload
class Full:
    room_id: int
    note: str | None
    inner: list[LiveParticipant]


@sparse_payload
class Sparse:
    room_id: int | None = None
    is_on: bool = False


def test_names_are_camel_case_and_nested_payloads_are_written_too() -> None:
    someone = LiveParticipant(identity="7", user_id=7, name="ann", joined_at=None)
    assert dump(Full(room_id=1, note=None, inner=[someone])) == {
        "roomId": 1,
        "note": None,
        "inner": [{"identity": "7", "userId": 7, "name": "ann", "joinedAt": None}],
    }


def test_a_sparse_payload_leaves_out_what_is_absent_and_nothing_else() -> None:
    assert dump(Sparse()) == {"isOn": False}
    assert dump([Sparse(room_id=0)]) == [{"roomId": 0, "isOn": False}]


def test_names() -> None:
    assert [camel(name) for name in ("id", "user_tag", "two_factor_code")] == [
        *("id", "userTag", "twoFactorCode"),
    ]


def test_times_have_milliseconds_and_a_z() -> None:
    assert wire_time(0) == "1970-01-01T00:00:00.000Z"
    assert wire_time(1_795_545_952_007) == "2026-11-24T18:45:52.007Z"
