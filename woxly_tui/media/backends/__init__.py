"""Audio backends, and the choice between them."""

import logging

from woxly_tui.errors import MediaError
from woxly_tui.media.backends.base import AudioBackend
from woxly_tui.media.backends.native import NativeBackend
from woxly_tui.media.backends.null import NullBackend
from woxly_tui.media.messages import BackendChoice

__all__ = ["AudioBackend", "NullBackend", "open_backend"]

_log = logging.getLogger(__name__)


async def open_backend(choice: BackendChoice) -> AudioBackend:
    """Open the backend asked for, or the null one with the cause where that is impossible."""
    if choice is BackendChoice.NULL:
        return NullBackend()
    try:
        return await NativeBackend.open()
    except MediaError as error:
        _log.warning("no native audio: %s", error)
        return NullBackend(str(error))
