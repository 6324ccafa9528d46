"""What is a link, where it ends, and where it leads."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from woxly_tui.tui.links import MAX_TARGET_CHARS, find_links


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("see https://example.org/a?b=c#d now", "https://example.org/a?b=c#d"),
        ("(https://example.org/x).", "https://example.org/x"),
        ("https://example.org/Foo_(bar)!", "https://example.org/Foo_(bar)"),
        ("<http://127.0.0.1:7880/rtc>", "http://127.0.0.1:7880/rtc"),
        ("HTTPS://EXAMPLE.ORG", "HTTPS://EXAMPLE.ORG"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(line: str, shown: str) -> None:
    (link,) = find_links(line)
    assert line[link.start : link.end] == link.target == shown


@pytest.mark.parametrize(
    "line",
    [
        "ftp://example.org file:///etc/passwd javascript:alert(1) mailto:a@example.org",
        "https://bank.example@evil.example/",
        "https://аррӏе.com/",
        "https://apple.com.еvil.ru/",
        "https://",
        "https://example.org:99999999/",
        "xhttps://example.org",
        "https://example.org/" + "a" * MAX_TARGET_CHARS,
        "http://[::1/",
    ],
)
def test_what_could_lead_elsewhere_is_no_link(line: str) -> None:
    assert find_links(line) == []


def test_other_letters_in_the_path_are_written_as_percent() -> None:
    (link,) = find_links("https://example.org/ünï?q=漢")
    assert link.target == "https://example.org/%C3%BCn%C3%AF?q=%E6%BC%A2"


@given(st.text(st.sampled_from("https://a.b@:[]()%漢 \x1b\x07;\"'")))
def test_every_target_is_a_plain_web_address(line: str) -> None:
    for link in find_links(line):
        assert link.target.isascii()
        assert link.target.isprintable()
        assert " " not in link.target
        assert link.target.lower().startswith(("http://", "https://"))
