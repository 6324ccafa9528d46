"""The way past the event loop, over a library that is not there."""

import ctypes
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from woxly_tui.errors import MediaError
from woxly_tui.media import ffi, sound_taps
from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples
from woxly_tui.media.sound_taps import FrameSender, SoundTaps

CAPTURE = 5


class Library:
    """The hooks of `ffi`, and the events that come of them."""

    def __init__(self) -> None:
        self.take: Callable[[Any], bool] | None = None
        self.is_undone = False
        self.disposed: list[int] = []
        self.dropped: list[int] = []
        self.sent: list[int] = []
        self.refuses = False
        self.next_handle = 7
        self.frames_ms: list[int] = []

    def intercept_events(self, take: Callable[[Any], bool]) -> Callable[[], None]:
        self.take = take
        return self.undo

    def undo(self) -> None:
        self.is_undone = True

    def new_audio_stream(self, _track: Any, rate_hz: int, frame_ms: int) -> Any:
        assert rate_hz == 48_000
        self.frames_ms.append(frame_ms)
        handle = self.next_handle
        self.next_handle += 1
        return SimpleNamespace(handle=handle, dispose=lambda: self.disposed.append(handle))

    def capture_request(self, _source: Any, _address: int, _rate_hz: int, samples: int) -> Any:
        def send() -> bool:
            self.sent.append(samples)
            return not self.refuses

        return SimpleNamespace(send=send)

    def sound(self, handle: int, frame: Samples) -> bool:
        """A frame arrives; returns whether it was taken."""
        owned = SimpleNamespace(
            handle=SimpleNamespace(id=99),
            info=SimpleNamespace(
                data_ptr=frame.ctypes.data_as(ctypes.c_void_p).value,
                samples_per_channel=len(frame),
            ),
        )
        event = SimpleNamespace(
            stream_handle=handle,
            frame_received=SimpleNamespace(frame=owned),
            HasField=lambda name: name == "frame_received",
        )
        assert self.take is not None
        return self.take(
            SimpleNamespace(WhichOneof=lambda _: "audio_stream_event", audio_stream_event=event)
        )

    def answer(self, kind: str, capture: int = CAPTURE) -> bool:
        assert self.take is not None
        answer = SimpleNamespace(async_id=capture)
        return self.take(SimpleNamespace(WhichOneof=lambda _: kind, capture_audio_frame=answer))


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    library = Library()
    for name in ("intercept_events", "new_audio_stream", "capture_request"):
        monkeypatch.setattr(ffi, name, getattr(library, name))
    monkeypatch.setattr(ffi, "drop_handle", library.dropped.append)
    monkeypatch.setattr(ffi, "capture_id", lambda _source: CAPTURE)
    return library


FRAME = np.arange(FRAME_SAMPLES, dtype=np.int16)


def test_sound_goes_to_the_sink_of_its_track_and_is_freed(library: Library) -> None:
    taps = SoundTaps()
    ann: list[Samples] = []
    bob: list[Samples] = []
    taps.open("TR_A", "track", ann.append)  # type: ignore[arg-type]  # no real track is needed
    taps.open("TR_B", "track", bob.append)  # type: ignore[arg-type]  # no real track is needed
    assert library.sound(8, FRAME)
    assert ann == []
    assert np.array_equal(bob[0], FRAME)
    assert library.dropped == [99]


def test_what_comes_for_a_track_that_is_gone_is_freed_too(library: Library) -> None:
    taps = SoundTaps()
    heard: list[Samples] = []
    taps.open("TR_A", "track", heard.append)  # type: ignore[arg-type]  # no real track is needed
    taps.close("TR_A")
    taps.close("TR_A")
    assert library.sound(7, FRAME)
    assert library.sound(7, FRAME[:100])
    assert heard == []
    assert library.disposed == [7]
    assert library.dropped == [99, 99]


def test_a_crowd_comes_in_longer_frames_and_few_again_in_short_ones(library: Library) -> None:
    taps = SoundTaps()
    for number in range(7):
        taps.open(f"TR_{number}", "track", lambda _frame: None)  # type: ignore[arg-type]  # no real track
    assert library.frames_ms == [10] * 7 + [20] * 7
    for number in range(2):
        taps.close(f"TR_{number}")
    assert len(library.frames_ms) == 14
    taps.close("TR_2")
    assert library.frames_ms[14:] == [10] * 4
    taps.aclose()
    assert sorted(library.disposed) == list(range(7, library.next_handle))


def test_a_longer_frame_is_taken_whole(library: Library) -> None:
    taps = SoundTaps()
    heard: list[Samples] = []
    taps.open("TR_A", "track", heard.append)  # type: ignore[arg-type]  # no real track is needed
    assert library.sound(7, np.concatenate((FRAME, FRAME)))
    assert len(heard[0]) == 2 * FRAME_SAMPLES


def test_other_events_go_their_usual_way(library: Library) -> None:
    taps = SoundTaps()
    assert not library.answer("room_event")
    assert not library.answer("capture_audio_frame")
    taps.aclose()
    assert library.is_undone


def test_one_frame_is_in_flight_and_a_late_answer_costs_the_next(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_taps, "ANSWER_LIMIT_S", 0.001)
    sender = FrameSender(SoundTaps(), "source")  # type: ignore[arg-type]  # no real source
    sender.send(FRAME)
    sender.send(FRAME)
    assert (len(library.sent), sender.dropped) == (1, 1)
    assert library.answer("capture_audio_frame")
    sender.send(FRAME)
    assert (len(library.sent), sender.dropped) == (2, 1)
    assert all(library.answer("capture_audio_frame") for _ in range(2))  # one of them is too many


def test_the_answer_to_a_frame_of_somebody_else_goes_to_the_sdk(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sound_taps, "ANSWER_LIMIT_S", 0.001)
    sender = FrameSender(SoundTaps(), "source")  # type: ignore[arg-type]  # no real source
    sender.send(FRAME)
    assert not library.answer("capture_audio_frame", CAPTURE + 1)
    sender.send(FRAME)
    assert (len(library.sent), sender.dropped) == (1, 1), "ours is still in flight"


def test_a_library_that_refuses_frames_does_not_stop_the_microphone(library: Library) -> None:
    library.refuses = True
    sender = FrameSender(SoundTaps(), "source")  # type: ignore[arg-type]  # no real source
    for _ in range(3):
        sender.send(FRAME)
    assert len(library.sent) == 3
    assert sender.dropped == 3


def test_without_the_hook_there_is_no_mixer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ffi, "intercept_events", lambda _take: None)
    with pytest.raises(MediaError, match="does not let the mixer listen"):
        SoundTaps()


def test_the_state_of_each_thread_that_brings_events_is_kept_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[int] = []

    def keep() -> int:
        kept.append(threading.get_ident())
        return 0

    monkeypatch.setattr(ffi, "_keep_state", keep)
    queue = SimpleNamespace(put=lambda _event: None)
    client = SimpleNamespace(instance=SimpleNamespace(_queue=queue))
    monkeypatch.setattr("livekit.rtc._ffi_client.FfiClient", client)
    undo = ffi.intercept_events(lambda _event: True)
    assert undo is not None
    at_once = threading.Barrier(20)

    def bring() -> None:
        at_once.wait(5)
        queue.put("event")
        queue.put("event")
        at_once.wait(5)

    threads = [threading.Thread(target=bring) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert len(kept) == len(set(kept)) == ffi.MAX_KEPT_THREADS
