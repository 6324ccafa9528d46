"""Audio backends, and the choice between them."""

import logging
from collections.abc import Iterable

from livekit import rtc

from woxly_tui.errors import MediaError
from woxly_tui.media.backends.base import AudioBackend
from woxly_tui.media.backends.chooser import BackendChooser
from woxly_tui.media.backends.native import NativeBackend
from woxly_tui.media.backends.null import NullBackend
from woxly_tui.media.messages import BackendChoice

__all__ = ["AudioBackend", "BackendChooser", "NullBackend", "open_backend", "open_exactly"]

_log = logging.getLogger(__name__)


async def open_exactly(
    choice: BackendChoice, tracks: Iterable[rtc.Track] | None = None
) -> AudioBackend:
    """Open one backend.

    Args:
        choice: AUTO is native.
        tracks: What is heard by another backend now; not by this one before its `begin`.

    Raises:
        MediaError: It cannot be opened.
    """
    match choice:
        case BackendChoice.NULL:
            return NullBackend()
        case BackendChoice.MIXER:
            # Not before: it loads PortAudio, which looks for devices at once.
            from woxly_tui.media.backends.mixer import MixerBackend

            return await MixerBackend.open()
        case BackendChoice.NATIVE | BackendChoice.AUTO:
            return await NativeBackend.open(tracks)


async def open_backend(choice: BackendChoice, *, wants_gain: bool = False) -> AudioBackend:
    """Open the backend asked for, or the next best; in the end the null one, with the cause.

    Args:
        choice: AUTO tries native and the mixer.
        wants_gain: Begin with the mixer, for somebody's volume needs it.
    """
    order = [choice]
    if choice is BackendChoice.AUTO:
        order = [BackendChoice.NATIVE, BackendChoice.MIXER]
        if wants_gain:
            order.reverse()
    cause = ""
    for name in order:
        try:
            return await open_exactly(name)
        except MediaError as error:
            _log.warning("no %s audio: %s", name, error)
            cause = cause or str(error)
    return NullBackend(cause)
