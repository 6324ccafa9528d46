"""The wish for a volume: whether it can be granted, and what to tell whoever asked."""

from collections.abc import Callable
from typing import Final, NamedTuple

from woxly_tui.call.snapshot import CallPhase, Notice, Severity, Snapshot
from woxly_tui.call.volumes import Volumes, needs_gain
from woxly_tui.control import messages as control
from woxly_tui.engine.volume_store import VolumeStore
from woxly_tui.media.messages import BackendChoice, SetVolume
from woxly_tui.types import Identity

_NO_GAIN: Final = "set audio.backend to auto or mixer, or use 0 and 100 percent"


class Refusal(NamedTuple):
    """Why a volume is not set, and what to do."""

    error: str
    remedy: str = ""


class VolumeControl:
    """Owns the wanted volumes and their file; the snapshot is drawn from `volumes`.

    Args:
        volumes: Filled with what was saved.
        store: Where they are kept.
    """

    def __init__(self, volumes: Volumes, store: VolumeStore) -> None:
        self.volumes = volumes
        self._store = store
        for identity, percent in store.load().items():
            volumes.set(identity, percent)

    def set(
        self,
        asked: control.SetVolume,
        snapshot: Snapshot,
        backend: BackendChoice,
        send: Callable[[SetVolume], None],
    ) -> Refusal | None:
        """Want a volume for somebody in the call.

        Args:
            asked: Whose, and how loud.
            snapshot: The present state.
            backend: Which sound the user asked for.
            send: Tells the media worker.

        Returns:
            Why not, or None where it is wanted from now on.
        """
        identity, percent = asked.identity, asked.percent
        refusal = _refusal(identity, percent, snapshot, backend)
        if refusal is not None:
            return refusal
        if self.volumes.of(identity) != percent:
            self.volumes.set(identity, percent)
            # Not ours alone: another engine may have saved some, and we have given up others.
            saved = Volumes(self._store.load())
            saved.set(identity, percent)
            self._store.save(saved.all())
        send(SetVolume(identity, percent))
        return None

    def give_up_fine(self, cause: str) -> Notice:
        """The worker cannot play anybody louder or softer; returns what to tell of it.

        Not saved: another machine, or another day, may have what is missing.
        """
        self.volumes.give_up_fine()
        return Notice(Severity.WARNING, f"Volumes other than 0 and 100 % do not work here: {cause}")


def _refusal(
    identity: Identity, percent: int, snapshot: Snapshot, backend: BackendChoice
) -> Refusal | None:
    if snapshot.phase not in (CallPhase.ESTABLISHED, CallPhase.RECONNECTING):
        return Refusal("There is no call", "a volume is set while somebody is there")
    row = next((p for p in snapshot.participants if p.identity == identity), None)
    if row is None:
        return Refusal("Nobody of that name is in the call")
    if row.is_local:
        return Refusal("You do not hear yourself", "the others set how loud you are to them")
    if needs_gain(percent) and backend in (BackendChoice.NATIVE, BackendChoice.NULL):
        return Refusal(f"The {backend} backend plays everybody at 100 % or not at all", _NO_GAIN)
    return None
