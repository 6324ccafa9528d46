import threading
import time

import numpy as np
import pytest

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.send_fade import CLOSE_LIMIT, TAIL_FRAMES, SendFade

FRAME: Samples = np.full(FRAME_SAMPLES, 1000, dtype=np.int16)


def test_nothing_is_sent_before_it_is_opened() -> None:
    assert SendFade().process(FRAME) is None


def test_the_first_frame_fades_in_and_the_next_pass_as_they_are() -> None:
    fade = SendFade()
    fade.set(is_open=True)
    first = fade.process(FRAME)
    assert first is not None
    assert (first[0], first[-1]) == (0, 1000)
    assert np.abs(np.diff(first)).max() < 5
    assert fade.process(FRAME) is FRAME


def test_the_last_frame_fades_out_and_zeros_push_it_through_the_encoder() -> None:
    fade = SendFade()
    fade.set(is_open=True)
    fade.process(FRAME)
    fade.set(is_open=False)
    last = fade.process(FRAME)
    assert last is not None
    assert (last[0], last[-1]) == (1000, 0)
    tail = [fade.process(FRAME) for _ in range(TAIL_FRAMES)]
    assert all(zeros is not None and not zeros.any() for zeros in tail)
    assert fade.process(FRAME) is None


def test_closing_waits_until_the_last_frame_was_handed_over() -> None:
    fade = SendFade()
    fade.set(is_open=True)
    fade.process(FRAME)
    fade.handed_over()
    sent: list[float] = []

    def capture() -> None:
        time.sleep(0.004)
        fade.process(FRAME)
        sent.append(time.monotonic())
        fade.handed_over()

    thread = threading.Thread(target=capture)
    thread.start()
    fade.set(is_open=False)
    closed_at = time.monotonic()
    thread.join()
    assert sent[0] <= closed_at


def test_a_device_that_stands_still_does_not_keep_it_open() -> None:
    fade = SendFade()
    fade.set(is_open=True)
    since = time.monotonic()
    fade.set(is_open=False)
    assert time.monotonic() - since == pytest.approx(CLOSE_LIMIT, abs=0.03)
    fade.set(is_open=False)
    fade.process(FRAME)
    assert fade.process(FRAME) is None
