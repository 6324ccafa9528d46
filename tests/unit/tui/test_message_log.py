"""How the messages of a room become rows."""

from dataclasses import replace

from tests.tui.lobby_engine import ANN, ME, MESSAGES
from woxly_tui.call.snapshot import ChatMessage
from woxly_tui.control.lobby import RoomMessages
from woxly_tui.social.model import RoomMessage
from woxly_tui.tui.message_log import (
    FOLDED_ROWS,
    UNFOLDED_ROWS,
    MessageLog,
    guest_message,
    with_guests,
)
from woxly_tui.types import Identity, MessageId, RoomId, Seconds

ROOM = RoomId(10)


def said(number: int, text: str = "", *, by: object = ANN, at: float = 0.0) -> RoomMessage:
    message = RoomMessage(MessageId(number), ROOM, ANN, text or f"line {number}", Seconds(at))
    return replace(message, sender=by)  # type: ignore[arg-type]  # a Person


def log_of(*messages: RoomMessage) -> MessageLog:
    log = MessageLog(lambda user: f"user {user}")
    log.take(RoomMessages(ROOM, messages), ME.user)
    return log


def texts(log: MessageLog, height: int = 50, width: int = 40) -> list[str]:
    return [row.text for row in log.visible(width, height)]


def test_the_first_message_of_a_day_has_the_day_over_it() -> None:
    log = log_of(said(1, at=0), said(2, at=10), said(3, at=90_000))
    kinds = [row.kind for row in log.visible(40, 50)]
    assert kinds == ["day", "text", "text", "day", "text"]


def test_a_day_moves_up_when_older_messages_come() -> None:
    log = log_of(said(2, at=10))
    assert len(texts(log)) == 2
    log.take(RoomMessages(ROOM, (said(1, at=0), said(2, at=10))), ME.user)
    assert [row.kind for row in log.visible(40, 50)] == ["day", "text", "text"]


def test_a_long_message_is_folded_and_never_wholly_laid_out() -> None:
    log = log_of(said(1, "\n".join(map(str, range(10_000)))))
    rows = texts(log, 2000)
    assert len(rows) == FOLDED_ROWS + 1
    assert rows[-1].startswith("… ")
    log.choose(0, 10)
    assert log.fold()
    assert len(texts(log, 2000)) == UNFOLDED_ROWS + 1
    assert log.fold()
    assert len(texts(log, 2000)) == FOLDED_ROWS + 1


def test_every_row_fits_and_holds_nothing_that_a_terminal_obeys() -> None:
    evil = "\x1b]2;x\x07\x9b1m\u202e" + "漢字" * 30
    log = log_of(replace(said(1, evil), reply_to=MessageId(9), reply_text=evil), *MESSAGES)
    for row in log.visible(24, 100):
        assert all(char.isprintable() or char == "\u200e" for char in row.text)


def test_what_comes_while_scrolled_back_moves_nothing_and_is_counted() -> None:
    log = log_of(*(said(number, at=number) for number in range(1, 30)))
    texts(log, 10)
    assert log.scroll(5, 10)
    before = texts(log, 10)
    log.take(RoomMessages(ROOM, tuple(said(n, at=n) for n in range(1, 32))), ME.user)
    assert texts(log, 10) == before
    assert log.unseen == 2
    own = (*log.messages, said(33, by=ME, at=33))
    log.take(RoomMessages(ROOM, own), ME.user)
    assert log.scrolled == 0


def test_choosing_goes_no_further_than_there_are_messages_and_stays_in_view() -> None:
    log = log_of(*(said(number, at=number) for number in range(1, 30)))
    texts(log, 10)
    assert log.choose(0, 10)
    assert log.chosen == said(29, at=29)
    for _ in range(40):
        log.choose(-1, 10)
    assert log.chosen == said(1, at=1)
    assert "line 1" in texts(log, 10)
    assert not log.choose(-1, 10)
    log.take(RoomMessages(ROOM, (said(2, at=2),)), ME.user)
    assert log.chosen is None, "it is gone"


def test_a_guest_stands_between_the_messages_of_its_room() -> None:
    chat = ChatMessage(1, Identity("guest-1"), "Zoe", "in between", Seconds(15.0), False)
    update = RoomMessages(ROOM, (said(1, at=10), said(2, at=20)))
    merged = with_guests(update, (guest_message(ROOM, chat),))
    assert [one.text for one in merged.messages] == ["line 1", "in between", "line 2"]
    assert with_guests(update, (guest_message(RoomId(9), chat),)) == update


def test_a_link_broken_over_two_rows_leads_to_the_whole_address() -> None:
    url = "https://git.example.org/" + "x" * 50
    rows = [row for row in log_of(said(1, url)).visible(40, 10) if row.links]
    assert len(rows) == 2
    assert {link.target for row in rows for link in row.links} == {url}
