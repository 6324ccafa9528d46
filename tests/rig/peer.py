"""The test's hold on a `wire_peer` process."""

import base64
import os
import tempfile
import threading
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.rig.analysis import Samples
from tests.rig.process import LineProcess, Message, python_module
from tests.rig.pulse import clean_env
from tests.rig.recording import FrameLog
from tests.rig.sfu import LiveKitServer
from tests.rig.wire_peer import WIRE_RATE_HZ


class Peer(LineProcess):
    """A participant that is not woxly: what it hears is what was on the wire."""

    def __init__(self, sfu: LiveKitServer, room: str, identity: str) -> None:
        self.identity: Final = identity
        self._logs: dict[str, FrameLog] = {}
        self._logs_lock = threading.Lock()
        command = python_module("tests.rig.wire_peer", sfu.url, sfu.token(room, identity))
        super().__init__(identity, command, clean_env())
        self.wait_type("joined", 15)

    def consume(self, message: Message) -> bool:
        if message.get("type") != "sound":
            return False
        log = self.heard(message["identity"])
        frames = np.frombuffer(base64.b64decode(message["pcm"]), dtype="<i2")
        for at, frame in zip(
            message["times"], frames.reshape(len(message["times"]), -1), strict=True
        ):
            log.append(frame, at)
        return True

    def heard(self, identity: str) -> FrameLog:
        """What came from a participant, however often it published anew."""
        with self._logs_lock:
            return self._logs.setdefault(identity, FrameLog(WIRE_RATE_HZ))

    def do(self, **command: Any) -> None:
        """Give a command and wait until it is carried out."""
        since = len(self.messages)
        self.send(command)
        self.wait_for(str(command), lambda m: m.get("command") == command, since=since)

    def publish(self, queue_ms: int = 0) -> None:
        """Publish a microphone track; nothing is sent before `play`.

        With a queue what is played is so even that no click in it is ours, and so much later.
        """
        self.do(publish=queue_ms)

    def play(self, sound: Samples) -> None:
        """Begin to send a sound, in place of any other."""
        fd, path = tempfile.mkstemp(suffix=".s16")
        with os.fdopen(fd, "wb") as file:
            file.write((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
        self.do(send_file=path)
        Path(path).unlink()

    def packets(self, identity: str) -> list[int]:
        """How many packets came so far of each track that a participant has now."""
        since = len(self.messages)
        self.do(count=identity)
        found: list[int] = self.wait_type("packets", since=since)["of_tracks"]
        return found

    def hush(self) -> None:
        """Stop sending."""
        self.do(hush=True)
