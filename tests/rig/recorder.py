"""Reads every monitor of a sound server, all the time, in small fragments."""

import os
import selectors
import subprocess
import threading
import time
from collections.abc import Mapping
from typing import Final

import numpy as np

from tests.rig.analysis import RATE_HZ
from tests.rig.recording import Recording

FRAGMENT_MS: Final = 10

_GATHER_S: Final = 0.002
"""Blocks that come within this time are read as one."""

_BYTES_A_SAMPLE: Final = 2


class Recorder:
    """One `parec` a monitor, one thread for all of them."""

    def __init__(self, monitors: Mapping[str, Recording], env: Mapping[str, str]) -> None:
        self._processes = [self._start(name, env) for name in monitors]
        self._selector = selectors.DefaultSelector()
        for process, recording in zip(self._processes, monitors.values(), strict=True):
            assert process.stdout is not None
            os.set_blocking(process.stdout.fileno(), False)
            self._selector.register(process.stdout, selectors.EVENT_READ, recording)
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="rig-recorder", daemon=True)
        self._thread.start()

    @staticmethod
    def _start(monitor: str, env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        command = ["parec", "--raw", f"--device={monitor}", f"--latency-msec={FRAGMENT_MS}"]
        command += [f"--rate={RATE_HZ}", "--channels=1", "--format=s16le"]
        return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, start_new_session=True)

    def _run(self) -> None:
        odd: dict[int, bytes] = {}
        while not self._is_closing.is_set() and self._selector.get_map():
            # The SDK's playout makes a null sink hand over blocks of half a millisecond.
            time.sleep(_GATHER_S)
            for key, _ in self._selector.select(timeout=0.2):
                raw = os.read(key.fd, 1 << 16)
                now = time.monotonic()
                if not raw:
                    self._selector.unregister(key.fileobj)
                    continue
                raw = odd.pop(key.fd, b"") + raw
                whole = len(raw) // _BYTES_A_SAMPLE * _BYTES_A_SAMPLE
                if whole < len(raw):
                    odd[key.fd] = raw[whole:]
                key.data.append(np.frombuffer(raw[:whole], dtype="<i2"), now)

    def close(self) -> None:
        """Stop and reap all readers."""
        self._is_closing.set()
        self._thread.join(timeout=5)
        self._selector.close()
        for process in self._processes:
            process.kill()
            process.wait(timeout=5)
            assert process.stdout is not None
            process.stdout.close()
