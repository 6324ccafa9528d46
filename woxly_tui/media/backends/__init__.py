"""Audio backends, and the choice between them."""

import logging
from typing import Final

from woxly_tui.errors import MediaError
from woxly_tui.media.backends.base import AudioBackend
from woxly_tui.media.backends.native import NativeBackend
from woxly_tui.media.backends.null import NullBackend
from woxly_tui.media.messages import BackendChoice
from woxly_tui.types import Seconds

__all__ = ["AudioBackend", "BackendChooser", "NullBackend", "open_backend", "open_exactly"]

BACK_AFTER: Final = Seconds(5.0)
"""How long nobody must need a gain before `auto` goes back to native: a volume that is being
sought passes 100 % more than once."""

_log = logging.getLogger(__name__)


async def open_exactly(choice: BackendChoice) -> AudioBackend:
    """Open one backend.

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
            return await NativeBackend.open()


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


class BackendChooser:
    """When `auto` changes between native and mixer. Pure; time is passed in.

    Args:
        choice: What the user asked for.
    """

    def __init__(self, choice: BackendChoice) -> None:
        self._is_auto = choice is BackendChoice.AUTO
        self._is_stuck = False
        self._calm_since: Seconds | None = None

    def give_up(self) -> None:
        """The other backend does not open: stay with the one there is."""
        self._is_stuck = True

    def wanted(self, present: BackendChoice, now: Seconds, *, wants_gain: bool) -> BackendChoice:
        """Which backend to have now."""
        if not self._is_auto or self._is_stuck or present is BackendChoice.NULL:
            return present
        if wants_gain:
            self._calm_since = None
            return BackendChoice.MIXER
        if present is BackendChoice.NATIVE:
            return present
        if self._calm_since is None:
            self._calm_since = now
        is_calm = now - self._calm_since >= BACK_AFTER
        return BackendChoice.NATIVE if is_calm else present

    def look_again(self, now: Seconds) -> Seconds | None:
        """How long until the answer may be another; None where time alone changes nothing."""
        if self._calm_since is None:
            return None
        return Seconds(max(0.0, self._calm_since + BACK_AFTER - now))

    def changed(self) -> None:
        """The other backend runs."""
        self._calm_since = None
