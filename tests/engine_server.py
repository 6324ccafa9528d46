"""An engine on a socket, scripted: answers what is asked, from a thread of its own."""

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from tests.tui.fake_engine import in_call
from woxly_tui.call.details import ParticipantDetails
from woxly_tui.call.snapshot import (
    CallPhase,
    ChatMessage,
    Ending,
    EndReason,
    Levels,
    MicState,
    Notice,
    RecordingView,
    Snapshot,
)
from woxly_tui.control import messages
from woxly_tui.control.frames import (
    ENGINE_FRAMES,
    FRONT_END_FRAMES,
    Attach,
    Changed,
    Hello,
    Refused,
    Request,
    Response,
    SnapshotChanged,
    Welcome,
)
from woxly_tui.control.messages import COMMANDS, UPDATES, Command, Reply


class EngineServer:
    """Serves one snapshot on `folder/engine.sock`; use in `with`.

    Args:
        folder: Where the socket is made.
        snapshot: The state to begin with.
    """

    def __init__(self, folder: Path, snapshot: Snapshot | None = None) -> None:
        self.snapshot = in_call() if snapshot is None else snapshot
        self.sent: list[Command] = []
        self.details: tuple[ParticipantDetails, ...] = ()
        self.history: list[ChatMessage] = []
        self.refusal = ""
        """Every command is answered by this error."""
        self.protocol_refusal: Refused | None = None
        self.path = folder / "engine.sock"
        self._pid = 1
        self._lock = threading.RLock()
        self._attached: list[socket.socket] = []
        self._links: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.is_attached = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)

    def __enter__(self) -> "EngineServer":
        self.path.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
        self.path.unlink(missing_ok=True)
        self._listener.bind(str(self.path))
        self._listener.listen()
        self._start(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.path.unlink(missing_ok=True)
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        for link in self._links:
            link.close()

    def put(self, update: Snapshot | Levels | Notice | ChatMessage) -> None:
        """Send an update to all that are attached."""
        with self._lock:
            if isinstance(update, Snapshot):
                update = replace(update, rev=self.snapshot.rev + 1)
            raw = UPDATES.to_dict(update)
            frame: Changed | SnapshotChanged = Changed(raw)
            if isinstance(update, Snapshot):
                before = UPDATES.to_dict(self.snapshot)
                frame = SnapshotChanged({k: v for k, v in raw.items() if before[k] != v})
                self.snapshot = update
            line = ENGINE_FRAMES.encode(frame)
            for link in self._attached:
                with contextlib.suppress(OSError):
                    link.sendall(line)

    def _start(self, run: Callable[..., None], *args: Any) -> None:
        thread = threading.Thread(target=run, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                link, _ = self._listener.accept()
            except OSError:
                return
            self._links.append(link)
            self._start(self._serve, link)

    def _serve(self, link: socket.socket) -> None:
        with contextlib.suppress(OSError), link.makefile("rb") as lines:
            for line in lines:
                self._answer(link, FRONT_END_FRAMES.decode(line))

    def _answer(self, link: socket.socket, frame: Any) -> None:
        match frame:
            case Hello():
                link.sendall(
                    ENGINE_FRAMES.encode(self.protocol_refusal or Welcome(1, "0", self._pid))
                )
            case Attach():
                with self._lock:
                    self._attached.append(link)
                    link.sendall(ENGINE_FRAMES.encode(Changed(UPDATES.to_dict(self.snapshot))))
                    for message in self.history:
                        link.sendall(ENGINE_FRAMES.encode(Changed(UPDATES.to_dict(message))))
                self.is_attached.set()
            case Request(id=number, command=raw):
                reply = self._reply(COMMANDS.from_dict(raw))
                link.sendall(ENGINE_FRAMES.encode(Response(number, UPDATES.to_dict(reply))))

    def _reply(self, command: Command) -> Reply:
        with self._lock:
            self.sent.append(command)
            if self.refusal and not isinstance(command, messages.GetSnapshot):
                return Reply(ok=False, snapshot=self.snapshot, error=self.refusal, remedy="wait")
            self.put(applied(command, self.snapshot))
            details = self.details if isinstance(command, messages.GetDetails) else ()
            return Reply(ok=True, snapshot=self.snapshot, details=details)


def applied(command: Command, snapshot: Snapshot) -> Snapshot:
    """The state a command leads to."""
    mic = snapshot.microphone
    match command:
        case messages.SetMute(on=on):
            return muted(snapshot, on)
        case messages.ToggleMute():
            return muted(snapshot, mic.state is MicState.OPEN)
        case messages.SetDeafen(on=on):
            return deafened(snapshot, on)
        case messages.ToggleDeafen():
            return deafened(snapshot, not mic.is_deafened)
        case messages.SetPtt(is_down=is_down):
            return replace(
                muted(snapshot, not is_down),
                microphone=replace(
                    muted(snapshot, not is_down).microphone, ptt=replace(mic.ptt, is_down=is_down)
                ),
            )
        case messages.SetVolume(identity=identity, percent=percent):
            louder = (
                replace(p, volume_percent=percent) if p.identity == identity else p
                for p in snapshot.participants
            )
            return replace(snapshot, participants=tuple(louder))
        case messages.SetRecording(on=on):
            view = RecordingView(is_on=on, folder="/home/ines/standup")
            people = (replace(p, is_recording=on and p.is_local) for p in snapshot.participants)
            return replace(snapshot, recording=view, participants=tuple(people))
        case messages.Leave():
            ending = Ending(EndReason.LEFT, "You left the call")
            return replace(snapshot, phase=CallPhase.ENDED, ending=ending)
        case messages.Rejoin():
            return replace(snapshot, phase=CallPhase.CONNECTING, ending=None)
    return snapshot


def muted(snapshot: Snapshot, on: bool) -> Snapshot:
    """The same call, muted or open."""
    state = MicState.MUTED if on else MicState.OPEN
    return replace(snapshot, microphone=replace(snapshot.microphone, state=state))


def deafened(snapshot: Snapshot, on: bool) -> Snapshot:
    """The same call, deafened or not."""
    state = MicState.MUTED if on else MicState.OPEN
    mic = replace(snapshot.microphone, state=state, is_deafened=on)
    return replace(snapshot, microphone=mic)
