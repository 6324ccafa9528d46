"""Over a libpulse that only writes down what it is told."""

import ctypes
from types import SimpleNamespace
from typing import Any

import pytest

from woxly_tui.media import libpulse, pulse_fade
from woxly_tui.media.pulse_fade import LOW, Loudness, PulseFade
from woxly_tui.types import DeviceKind

MIC, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER
NORMAL = libpulse.NORMAL_VOLUME


class FakePulse:
    """A server with one stream each way, which are ours."""

    def __init__(self) -> None:
        self.log: list[tuple[Any, ...]] = []
        self.playing = libpulse.PlayingInfo(index=7, name=b"call")
        self.recording = libpulse.RecordingInfo(index=8, name=b"call")
        for info in (self.playing, self.recording):
            info.volume.channels = 2
            info.volume.values[0], info.volume.values[1] = NORMAL, NORMAL // 2
        self.device = libpulse.DeviceInfo()

    def pa_context_get_sink_info_list(self, _context: Any, take: Any, _data: Any) -> int:
        take(None, ctypes.pointer(self.device), 0, None)
        return 1

    pa_context_get_source_info_list = pa_context_get_sink_info_list

    def pa_context_get_sink_input_info_list(self, _context: Any, take: Any, _data: Any) -> int:
        take(None, ctypes.pointer(self.playing), 0, None)
        return 1

    def pa_context_get_source_output_info_list(self, _context: Any, take: Any, _data: Any) -> int:
        take(None, ctypes.pointer(self.recording), 0, None)
        return 1

    def pa_context_set_sink_input_volume(self, _c: Any, index: int, volume: Any, *_: Any) -> int:
        values = volume._obj
        self.log.append((index, tuple(values.values[: values.channels])))
        return 1

    pa_context_set_source_output_volume = pa_context_set_sink_input_volume

    def pa_context_move_sink_input_by_name(self, _c: Any, index: int, name: bytes, *_: Any) -> int:
        self.log.append((index, name))
        return 1

    pa_context_move_source_output_by_name = pa_context_move_sink_input_by_name

    def pa_operation_get_state(self, _operation: int) -> int:
        return 1

    def pa_operation_cancel(self, _operation: int) -> None: ...

    def pa_operation_unref(self, _operation: int) -> None: ...


@pytest.fixture
def pulse(monkeypatch: pytest.MonkeyPatch) -> FakePulse:
    monkeypatch.setattr(pulse_fade, "STEP_S", 0.0)
    monkeypatch.setattr(pulse_fade, "is_ours", lambda _pulse, _info: True)
    return FakePulse()


def fade_of(pulse: FakePulse) -> PulseFade:
    context: Any = SimpleNamespace(raw=1, turn=lambda _wait_s: True)
    return PulseFade(pulse, context)


def test_our_streams_are_found_with_the_volume_they_have(pulse: FakePulse) -> None:
    fade = fade_of(pulse)
    assert fade.find(SPEAKER) == [Loudness(SPEAKER, 7, (NORMAL, NORMAL // 2))]
    assert fade.find(MIC) == [Loudness(MIC, 8, (NORMAL, NORMAL // 2))]


def test_volumes_that_are_those_of_the_device_are_let_alone(pulse: FakePulse) -> None:
    pulse.device.flags = libpulse.SINK_FLAT_VOLUME
    assert fade_of(pulse).find(SPEAKER) == []


def test_a_move_is_silent_and_no_step_on_the_way_is_heard(pulse: FakePulse) -> None:
    fade_of(pulse).move([(SPEAKER, 7, "usb")])
    at = pulse.log.index((7, b"usb"))
    assert pulse.log[at - 1] == (7, (LOW, LOW))
    assert pulse.log[-1] == (7, (NORMAL, NORMAL // 2))
    gains = [(values[0] / NORMAL) ** 3 for index, values in pulse.log if values != b"usb"]
    steps = [abs(after - before) for before, after in zip([1.0, *gains], gains, strict=False)]
    assert max(steps) < 0.07  # of a cut, 23 dB softer


def test_a_stream_of_unknown_volume_is_moved_all_the_same(pulse: FakePulse) -> None:
    fade_of(pulse).move([(MIC, 9, "usb_mic")])
    assert pulse.log == [(9, b"usb_mic")]


def test_one_that_a_person_silenced_stays_silent(pulse: FakePulse) -> None:
    pulse.playing.volume.values[0] = pulse.playing.volume.values[1] = 0
    fade = fade_of(pulse)
    fade.down(fade.find(SPEAKER))
    fade.up(fade.find(SPEAKER))
    fade.heal()
    assert pulse.log == []


def test_what_a_dead_process_left_silent_is_heard_again(pulse: FakePulse) -> None:
    pulse.recording.volume.values[0] = pulse.recording.volume.values[1] = LOW
    fade = fade_of(pulse)
    assert fade.find(MIC) == [Loudness(MIC, 8, (NORMAL, NORMAL))]
    fade.heal()
    assert pulse.log[-1] == (8, (NORMAL, NORMAL))
    assert {index for index, _ in pulse.log} == {8}
