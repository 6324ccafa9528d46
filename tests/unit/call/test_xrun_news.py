from woxly_tui.call.xrun_news import AGAIN_AFTER, MANY, XrunNews
from woxly_tui.types import Seconds


def told(news: XrunNews, *counts: tuple[float, int | None]) -> list[float]:
    return [at for at, count in counts if news.take(count, Seconds(at)) is not None]


def test_many_at_once_are_told_and_few_now_and_then_are_not() -> None:
    slow = [(float(second), second * 2) for second in range(60)]
    assert told(XrunNews(), *slow) == []
    assert told(XrunNews(), (0, 100), (4, 120), (8, 100 + MANY)) == [8]
    stall = [(0, 0), (2, MANY // 2), *((float(s), MANY // 2) for s in range(4, 30, 2))]
    assert told(XrunNews(), *stall) == []


def test_it_is_not_told_again_soon() -> None:
    news = XrunNews()
    assert told(news, (0, 0), (1, 100), (2, 500)) == [1]
    later = 1 + AGAIN_AFTER
    assert told(news, (later, 600), (later + 1, 700)) == [later + 1]


def test_another_backend_counts_anew() -> None:
    assert told(XrunNews(), (0, 500), (1, 10), (2, 20), (3, None), (4, 90)) == []
