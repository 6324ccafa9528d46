import pytest

from woxly_tui.doctor.redact import Redactor


@pytest.mark.parametrize(
    "text",
    [
        "token eyJhbGci.eyJzdWI.c2ln from --token",
        "ws://lk.friends.example:7880 refused",
        "LK.friends.example port 7880 refused",
        "10.1.2.3 port 7880",
        "fe80::1%eth0 port 7880",
        "2001:db8::17 port 7880",
        "tcp:studio:4713 answers",
        "/home/annie/.config/woxly/config.toml:3",
        "/run/user/1234/pulse/native",
        "the room standup of ann@laptop",
        "invalid API key: APIabc",
    ],
)
def test_nothing_that_tells_who_or_where_is_left(text: str) -> None:
    private = ("lk.friends.example", "ann", "laptop", "standup", "APIabc", "", "x")
    cleaned = Redactor(private).clean(text)
    secret = ("eyJ", "friends", "10.1", "fe80", "2001", "studio", "annie", "1234", "standup")
    assert [word for word in (*secret, "ann@", "laptop", "APIabc") if word in cleaned] == []


def test_everything_else_stays() -> None:
    text = "round trip 12 ms at 12:30:05, livekit 1.2.1; channel /dev/tty"
    assert Redactor(("ann", "n")).clean(text) == text


def test_the_marks_around_a_command_stay() -> None:
    assert Redactor([]).clean("`woxly login https://h.example` helps") == (
        "`woxly login https://<host>` helps"
    )
