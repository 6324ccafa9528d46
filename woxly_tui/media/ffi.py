"""Every private hook of the LiveKit SDK, each behind a probe.

The SDK is pinned exactly; where a hook is missing all the same, the caller gets False (or
None) and the log one line. The requests are synchronous, thread-safe, and take about 1 ms.
"""

import ctypes
import functools
import logging
import threading
from collections.abc import Callable
from typing import Any, Final

from livekit import rtc
from livekit.rtc import _ffi_client
from livekit.rtc._proto import audio_frame_pb2, ffi_pb2

REQUESTS: Final = frozenset(
    {
        "local_track_mute",
        "enable_remote_track",
        "enable_remote_track_publication",
        "stop_recording",
        "new_audio_stream",
        "capture_audio_frame",
        "apm_process_stream",
        "apm_process_reverse_stream",
    }
)
"""Requests of the native library that we send ourselves."""

CHANGE_GAP_S: Final = 0.012
"""Shortest time between two changes, so that the server learns of them in order."""

CAPTURES_FROM: Final = 1 << 60
"""Our own captured frames are numbered from here, by their source; the library counts from 1."""

MAX_KEPT_THREADS: Final = 16
"""The library has as many workers as the machine has cores; those beyond cost a little more."""

MAX_WAITING_FRAMES: Final = 5
"""Decoded frames of one track that may wait inside the native library."""

_keep_state: Final[Callable[[], int]] = ctypes.pythonapi.PyGILState_Ensure

_log = logging.getLogger(__name__)


@functools.cache
def has_request(name: str) -> bool:
    """Whether this SDK knows a request, and lets us send it."""
    known = name in ffi_pb2.FfiRequest.DESCRIPTOR.fields_by_name
    known = known and hasattr(_ffi_client.FfiClient, "request")
    if not known:
        _log.error("this livekit has no request %s", name)
    return known


def quiet_native_logs() -> bool:
    """Stop the native library from sending each of its log lines through Python.

    It sends over 200 a second while sound plays, all parsed and then dropped. Called once,
    before anything else uses the library.
    """
    try:
        client = _ffi_client.FfiClient.instance
        client._ffi_lib.livekit_ffi_initialize(  # noqa: SLF001
            _ffi_client.ffi_event_callback, False, b"python", rtc.__version__.encode("ascii")
        )
    except (AttributeError, TypeError, ValueError) as error:
        _log.warning("native log lines stay on (%s)", error)
        return False
    return True


def set_local_muted(track: rtc.LocalAudioTrack, muted: bool) -> bool | None:
    """Mute or open a local track.

    Returns:
        What the native library now says the track is; None where it did not answer.
    """
    if not has_request("local_track_mute"):
        (track.mute if muted else track.unmute)()
        return track.muted
    request = ffi_pb2.FfiRequest()
    request.local_track_mute.track_handle = track._ffi_handle.handle  # noqa: SLF001
    request.local_track_mute.mute = muted
    response = _send(request)
    if response is None:
        return None
    track._info.muted = response.local_track_mute.muted  # noqa: SLF001
    return bool(response.local_track_mute.muted)


def set_remote_audible(publication: rtc.RemoteTrackPublication, audible: bool) -> bool:
    """Silence one subscribed publication here and stop the server from sending it, or undo.

    Playout of it is silent when this returns; it survives the publisher's own mute, but not
    a new track object.

    Returns:
        Whether the native library confirms it. Without a track there is nothing to do.
    """
    track = publication.track
    if track is None:
        return True
    if not (has_request("enable_remote_track_publication") and has_request("enable_remote_track")):
        return False
    # The server is only told where the track's own state changes, so this one goes first.
    request = ffi_pb2.FfiRequest()
    at_server = request.enable_remote_track_publication
    at_server.track_publication_handle = publication._ffi_handle.handle  # noqa: SLF001
    at_server.enabled = audible
    _send(request)
    return set_track_audible(track, audible)


def set_track_audible(track: rtc.Track, audible: bool) -> bool:
    """Silence the library's own playout of a track, or undo it; who listens by
    `new_audio_stream` hears it all the same, and the server goes on sending.

    Returns:
        Whether the native library confirms it.
    """
    if not has_request("enable_remote_track"):
        return False
    request = ffi_pb2.FfiRequest()
    request.enable_remote_track.track_handle = track._ffi_handle.handle  # noqa: SLF001
    request.enable_remote_track.enabled = audible
    response = _send(request)
    return response is not None and response.enable_remote_track.enabled == audible


def stop_capture(audio: rtc.PlatformAudio) -> bool:
    """Let go of the recording device until the next unmute opens it again."""
    if not has_request("stop_recording"):
        return False
    request = ffi_pb2.FfiRequest()
    request.stop_recording.platform_audio_handle = audio._ffi_handle.handle  # noqa: SLF001
    return _send(request) is not None


class _KeptThreads:
    """Threads of the library whose Python state stays between two events.

    CPython makes a state, and maps memory for it, whenever a foreign thread calls in, and drops
    both as the call ends (PyGILState_Ensure, Python/pystate.c): as much again as an event costs.
    """

    def __init__(self) -> None:
        self._threads: set[int] = set()

    def this(self) -> None:
        """Keep the state of the calling thread, which lasts as long as the process."""
        thread = threading.get_ident()
        if thread not in self._threads and len(self._threads) < MAX_KEPT_THREADS:
            self._threads.add(thread)
            _keep_state()


def intercept_events(take: Callable[[Any], bool]) -> Callable[[], None] | None:
    """See each event of the native library before the SDK does, on the library's thread.

    Args:
        take: Returns whether the event was for it; the SDK sees the others.

    Returns:
        Undoes it; None where this SDK has no such place.
    """
    queue = getattr(_ffi_client.FfiClient.instance, "_queue", None)
    put = getattr(queue, "put", None)
    if queue is None or put is None:
        _log.error("this livekit has no queue of events")
        return None

    keep = _KeptThreads()

    def see(event: Any) -> None:
        keep.this()
        if not take(event):
            put(event)

    queue.put = see

    def undo() -> None:
        if queue.put is see:
            queue.put = put

    return undo


def new_audio_stream(
    track: rtc.Track, rate_hz: int, frame_ms: int = 10
) -> _ffi_client.FfiHandle | None:
    """Have a track decoded to frames of one channel, told as `audio_stream_event`.

    Args:
        track: Subscribed.
        rate_hz: Of the frames.
        frame_ms: Length of each; a multiple of 10.

    Returns:
        What ends it when disposed of; its number is the event's `stream_handle`.
    """
    if not has_request("new_audio_stream"):
        return None
    request = ffi_pb2.FfiRequest()
    wanted = request.new_audio_stream
    wanted.track_handle = track._ffi_handle.handle  # noqa: SLF001
    wanted.sample_rate = rate_hz
    wanted.num_channels = 1
    wanted.queue_size_frames = MAX_WAITING_FRAMES
    if frame_ms != 10:
        wanted.frame_size_ms = frame_ms
    wanted.type = audio_frame_pb2.AudioStreamType.AUDIO_STREAM_NATIVE
    response = _send(request)
    if response is None:
        return None
    return _ffi_client.FfiHandle(response.new_audio_stream.stream.handle.id)


def drop_handle(handle: int) -> None:
    """Free what an event handed over."""
    _ffi_client.FfiClient.instance._ffi_lib.livekit_ffi_drop_handle(handle)  # noqa: SLF001


class Prepared:
    """A request that is sent as it is, again and again: it is written, and its answer read, once
    for all. What it points to is the caller's, and must stay where it is. One thread.

    Args:
        request: Complete.
    """

    def __init__(self, request: ffi_pb2.FfiRequest) -> None:
        data = request.SerializeToString()
        self._size = len(data)
        self._data = (ctypes.c_ubyte * self._size).from_buffer_copy(data)
        self._answer = ctypes.POINTER(ctypes.c_ubyte)()
        self._answer_size = ctypes.c_size_t()
        self._library = _ffi_client.FfiClient.instance._ffi_lib  # noqa: SLF001

    def send(self) -> bool:
        """Send it; returns whether the native library took it."""
        handle = self._library.livekit_ffi_request(
            self._data, self._size, ctypes.byref(self._answer), ctypes.byref(self._answer_size)
        )
        if not handle:
            return False
        self._library.livekit_ffi_drop_handle(handle)
        return True


def capture_id(source: rtc.AudioSource) -> int:
    """What the answers to the `capture_request` of a source are known by."""
    return CAPTURES_FROM + int(source._ffi_handle.handle)  # noqa: SLF001


def capture_request(
    source: rtc.AudioSource, address: int, rate_hz: int, samples: int
) -> Prepared | None:
    """What gives captured sound of one channel, at that address, to a source.

    Each is answered by an event `capture_audio_frame` with the `capture_id` of the source.
    """
    if not has_request("capture_audio_frame"):
        return None
    request = ffi_pb2.FfiRequest()
    request.capture_audio_frame.source_handle = source._ffi_handle.handle  # noqa: SLF001
    request.capture_audio_frame.request_async_id = capture_id(source)
    buffer = request.capture_audio_frame.buffer
    buffer.data_ptr, buffer.sample_rate = address, rate_hz
    buffer.num_channels, buffer.samples_per_channel = 1, samples
    return Prepared(request)


def processing_requests(
    processing: rtc.AudioProcessingModule, near: int, far: int, rate_hz: int, size: int
) -> tuple[Prepared, Prepared] | None:
    """What has 10 ms of one channel cleaned in place, and what shows it what was played.

    Args:
        processing: Kept alive by the caller.
        near: Address of what was captured.
        far: Address of what was played.
        rate_hz: Of both.
        size: Of both, in bytes.
    """
    if not (has_request("apm_process_stream") and has_request("apm_process_reverse_stream")):
        return None
    prepared = []
    for address, name in ((near, "apm_process_stream"), (far, "apm_process_reverse_stream")):
        request = ffi_pb2.FfiRequest()
        wanted = getattr(request, name)
        wanted.apm_handle = processing._ffi_handle.handle  # noqa: SLF001
        wanted.data_ptr, wanted.size = address, size
        wanted.sample_rate, wanted.num_channels = rate_hz, 1
        prepared.append(Prepared(request))
    return prepared[0], prepared[1]


def present_token(room: rtc.Room) -> str | None:
    """The token a room would reconnect with: the first one, or what the server sent since."""
    token = getattr(room, "_token", None)
    if token is None:
        _log.warning("this livekit does not tell its token")
    return token


def _send(request: ffi_pb2.FfiRequest) -> ffi_pb2.FfiResponse | None:
    """Send a request; None where the native library refuses it, as for a handle long gone."""
    try:
        response: ffi_pb2.FfiResponse = _ffi_client.FfiClient.instance.request(request)
    except AssertionError:
        _log.warning("the native library refused %s", request.WhichOneof("message"))
        return None
    return response
