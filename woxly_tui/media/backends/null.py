"""The backend without devices: the call keeps its time, sends nothing, and is seen not heard.

The library still decodes what others send, so their levels show.
"""

from livekit import rtc

from woxly_tui.media.backends.base import LibraryPlayout
from woxly_tui.media.messages import BackendChoice


class NullBackend(LibraryPlayout):
    """Stands in where no sound device can be used.

    Args:
        cause: Why it is needed, in words for people; empty where it was asked for.
    """

    choice = BackendChoice.NULL
    plays = False

    def __init__(self, cause: str = "") -> None:
        self.cause = cause

    def create_track(self) -> rtc.LocalAudioTrack | None:
        return None

    def release_capture(self) -> bool:
        return False

    async def aclose(self) -> None:
        pass
