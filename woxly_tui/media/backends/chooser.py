"""When the choice `auto` changes from one backend to another."""

from typing import Final

from woxly_tui.media.messages import BackendChoice
from woxly_tui.types import Seconds

BACK_AFTER: Final = Seconds(5.0)
"""How long nobody must need a gain before it goes back to native: a volume that is being sought
passes 100 % more than once."""


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
        self._calm_since = None

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
