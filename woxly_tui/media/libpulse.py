"""The parts of libpulse that we call, and the heads of its structures, by ctypes.

The layouts are those of pulse/introspect.h, the same since PulseAudio 1.0; new fields are only
ever added behind these. PipeWire's server is asked through the same library.
"""

import ctypes
from typing import Any, Final

READY: Final = 4
"""PA_CONTEXT_READY; what is larger is the end of the context."""

NO_AUTOSPAWN: Final = 1
NO_INDEX: Final = 0xFFFFFFFF
LIKE_SERVER: Final = 0xFFFFFFFF

SIZE_ERROR: Final = ctypes.c_size_t(-1).value

STREAM_READY: Final = 2
"""What is larger is the end of the stream."""
S16LE: Final = 3
FLOAT32LE: Final = 5
DONT_MOVE: Final = 0x0200
PEAK_DETECT: Final = 0x0800
ADJUST_LATENCY: Final = 0x2000
CHANNELS_MAX: Final = 32
VOLUME_NORM: Final = 0x10000
"""100 %."""

NORMAL_VOLUME: Final = 0x10000
SINK_FLAT_VOLUME: Final = 0x0040
SOURCE_FLAT_VOLUME: Final = 0x0080
"""The volume of a stream there is that of the device, which a person set."""

ERR_ACCESS: Final = 1
ERR_PROTOCOL: Final = 7
ERR_AUTHKEY: Final = 9

EVENTS: Final = 0x0001 | 0x0002 | 0x0004 | 0x0008 | 0x0080
"""Sinks, sources, the streams to and from them, and the server's defaults."""

PID: Final = b"application.process.id"
HOST: Final = b"application.process.host"
PROTOCOL: Final = b"bluetooth.protocol"
PIPEWIRE_PROFILE: Final = b"api.bluez5.profile"
FORM_FACTOR: Final = b"device.form_factor"


class SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class ChannelMap(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("map", ctypes.c_int * CHANNELS_MAX))


class Volume(ctypes.Structure):
    _fields_ = (("channels", ctypes.c_uint8), ("values", ctypes.c_uint32 * CHANNELS_MAX))

    @property
    def percent(self) -> int:
        """Of the loudest channel, as mixers show it; 0 for nothing at all."""
        loudest = max(self.values[: self.channels], default=VOLUME_NORM)
        return max(round(100 * loudest / VOLUME_NORM), int(loudest > 0))


class ServerInfo(ctypes.Structure):
    """Head of `pa_server_info`."""

    _fields_ = (
        ("user_name", ctypes.c_char_p),
        ("host_name", ctypes.c_char_p),
        ("server_version", ctypes.c_char_p),
        ("server_name", ctypes.c_char_p),
        ("format", ctypes.c_int),
        ("rate", ctypes.c_uint32),
        ("channels", ctypes.c_uint8),
        ("default_sink_name", ctypes.c_char_p),
        ("default_source_name", ctypes.c_char_p),
    )


class PortInfo(ctypes.Structure):
    """Head of `pa_sink_port_info` and of `pa_source_port_info`."""

    _fields_ = (("name", ctypes.c_char_p), ("description", ctypes.c_char_p))


class DeviceInfo(ctypes.Structure):
    """Head of `pa_sink_info` and of `pa_source_info`, which begin alike."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("index", ctypes.c_uint32),
        ("description", ctypes.c_char_p),
        ("sample_spec", SampleSpec),
        ("channel_map", ChannelMap),
        ("owner_module", ctypes.c_uint32),
        ("volume", Volume),
        ("mute", ctypes.c_int),
        ("monitor", ctypes.c_uint32),
        ("monitor_name", ctypes.c_char_p),
        ("latency", ctypes.c_uint64),
        ("driver", ctypes.c_char_p),
        ("flags", ctypes.c_int),
        ("proplist", ctypes.c_void_p),
        ("configured_latency", ctypes.c_uint64),
        ("base_volume", ctypes.c_uint32),
        ("state", ctypes.c_int),
        ("volume_steps", ctypes.c_uint32),
        ("card", ctypes.c_uint32),
        ("port_count", ctypes.c_uint32),
        ("ports", ctypes.c_void_p),
        ("active_port", ctypes.POINTER(PortInfo)),
    )


class PlayingInfo(ctypes.Structure):
    """Head of `pa_sink_input_info`."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("owner_module", ctypes.c_uint32),
        ("client", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("sample_spec", SampleSpec),
        ("channel_map", ChannelMap),
        ("volume", Volume),
        ("buffer_usec", ctypes.c_uint64),
        ("device_usec", ctypes.c_uint64),
        ("resample_method", ctypes.c_char_p),
        ("driver", ctypes.c_char_p),
        ("mute", ctypes.c_int),
        ("proplist", ctypes.c_void_p),
    )


class RecordingInfo(ctypes.Structure):
    """Head of `pa_source_output_info`."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("name", ctypes.c_char_p),
        ("owner_module", ctypes.c_uint32),
        ("client", ctypes.c_uint32),
        ("device", ctypes.c_uint32),
        ("sample_spec", SampleSpec),
        ("channel_map", ChannelMap),
        ("buffer_usec", ctypes.c_uint64),
        ("device_usec", ctypes.c_uint64),
        ("resample_method", ctypes.c_char_p),
        ("driver", ctypes.c_char_p),
        ("proplist", ctypes.c_void_p),
        ("corked", ctypes.c_int),
        ("volume", Volume),
    )


class BufferAttr(ctypes.Structure):
    """`pa_buffer_attr`; LIKE_SERVER where the server decides."""

    _fields_ = (
        ("maxlength", ctypes.c_uint32),
        ("tlength", ctypes.c_uint32),
        ("prebuf", ctypes.c_uint32),
        ("minreq", ctypes.c_uint32),
        ("fragsize", ctypes.c_uint32),
    )


_POINTER: Final = ctypes.c_void_p
_UINT: Final = ctypes.c_uint32

OnServerInfo: Final = ctypes.CFUNCTYPE(None, _POINTER, ctypes.POINTER(ServerInfo), _POINTER)
OnDevice: Final = ctypes.CFUNCTYPE(
    None, _POINTER, ctypes.POINTER(DeviceInfo), ctypes.c_int, _POINTER
)
OnPlaying: Final = ctypes.CFUNCTYPE(
    None, _POINTER, ctypes.POINTER(PlayingInfo), ctypes.c_int, _POINTER
)
OnRecording: Final = ctypes.CFUNCTYPE(
    None, _POINTER, ctypes.POINTER(RecordingInfo), ctypes.c_int, _POINTER
)
OnEvent: Final = ctypes.CFUNCTYPE(None, _POINTER, ctypes.c_int, _UINT, _POINTER)
OnSuccess: Final = ctypes.CFUNCTYPE(None, _POINTER, ctypes.c_int, _POINTER)
"""Of a context, and of a stream too."""


def load() -> Any:
    """libpulse with the signatures of what we call.

    Raises:
        OSError: It is not installed.
    """
    pulse = ctypes.CDLL("libpulse.so.0")
    number, text = ctypes.c_int, ctypes.c_char_p
    set_volume = [_POINTER, _UINT, ctypes.POINTER(Volume), _POINTER, _POINTER]
    signatures: dict[str, tuple[Any, list[Any]]] = {
        "pa_mainloop_new": (_POINTER, []),
        "pa_mainloop_get_api": (_POINTER, [_POINTER]),
        "pa_mainloop_prepare": (number, [_POINTER, number]),
        "pa_mainloop_poll": (number, [_POINTER]),
        "pa_mainloop_dispatch": (number, [_POINTER]),
        "pa_mainloop_wakeup": (None, [_POINTER]),
        "pa_mainloop_free": (None, [_POINTER]),
        "pa_context_new": (_POINTER, [_POINTER, text]),
        "pa_context_connect": (number, [_POINTER, text, number, _POINTER]),
        "pa_context_get_state": (number, [_POINTER]),
        "pa_context_errno": (number, [_POINTER]),
        "pa_context_get_server_info": (_POINTER, [_POINTER, OnServerInfo, _POINTER]),
        "pa_context_get_sink_info_list": (_POINTER, [_POINTER, OnDevice, _POINTER]),
        "pa_context_get_source_info_list": (_POINTER, [_POINTER, OnDevice, _POINTER]),
        "pa_context_get_sink_input_info_list": (_POINTER, [_POINTER, OnPlaying, _POINTER]),
        "pa_context_get_source_output_info_list": (_POINTER, [_POINTER, OnRecording, _POINTER]),
        "pa_context_set_subscribe_callback": (None, [_POINTER, OnEvent, _POINTER]),
        "pa_context_subscribe": (_POINTER, [_POINTER, number, OnSuccess, _POINTER]),
        "pa_context_move_sink_input_by_name": (
            _POINTER,
            [_POINTER, _UINT, text, OnSuccess, _POINTER],
        ),
        "pa_context_move_source_output_by_name": (
            _POINTER,
            [_POINTER, _UINT, text, OnSuccess, _POINTER],
        ),
        "pa_context_set_sink_input_volume": (_POINTER, set_volume),
        "pa_context_set_source_output_volume": (_POINTER, set_volume),
        "pa_proplist_gets": (text, [_POINTER, text]),
        "pa_operation_get_state": (number, [_POINTER]),
        "pa_operation_cancel": (None, [_POINTER]),
        "pa_operation_unref": (None, [_POINTER]),
        "pa_context_disconnect": (None, [_POINTER]),
        "pa_context_unref": (None, [_POINTER]),
    }
    signatures.update(_stream_signatures())
    for name, (result, arguments) in signatures.items():
        function = getattr(pulse, name)
        function.restype, function.argtypes = result, arguments
    return pulse


def _stream_signatures() -> dict[str, tuple[Any, list[Any]]]:
    number, text, size = ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t
    attr: Any = ctypes.POINTER(BufferAttr)
    return {
        "pa_stream_new": (_POINTER, [_POINTER, text, ctypes.POINTER(SampleSpec), _POINTER]),
        "pa_stream_connect_record": (number, [_POINTER, text, attr, number]),
        "pa_stream_connect_playback": (number, [_POINTER, text, attr, number, _POINTER, _POINTER]),
        "pa_stream_get_state": (number, [_POINTER]),
        "pa_stream_readable_size": (size, [_POINTER]),
        "pa_stream_peek": (
            number,
            [_POINTER, ctypes.POINTER(_POINTER), ctypes.POINTER(size)],
        ),
        "pa_stream_drop": (number, [_POINTER]),
        "pa_stream_write": (
            number,
            [_POINTER, ctypes.c_char_p, size, _POINTER, ctypes.c_int64, number],
        ),
        "pa_stream_drain": (_POINTER, [_POINTER, OnSuccess, _POINTER]),
        "pa_stream_disconnect": (number, [_POINTER]),
        "pa_stream_unref": (None, [_POINTER]),
    }
