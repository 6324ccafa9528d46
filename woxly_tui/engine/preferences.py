"""What the user prefers beside the call: volumes, devices, gains and cleaning."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from woxly_tui._lib.json_file import JsonFile
from woxly_tui.call.device_news import muted_notice, no_tone_notice, too_loud_notice
from woxly_tui.call.snapshot import CallPhase, CuesView, Notice, Severity, Snapshot
from woxly_tui.call.volumes import LOUDEST, Volumes
from woxly_tui.control.messages import (
    Join,
    MicrophoneTried,
    SelectDevice,
    SetCues,
    SetShaping,
    SetVolume,
    TryMicrophone,
    TrySpeaker,
    Update,
)
from woxly_tui.engine.cues import CueDesk, CueWishes
from woxly_tui.engine.device_desk import DeviceDesk
from woxly_tui.engine.device_store import DeviceStore, devices_path
from woxly_tui.engine.shaping_control import ShapingControl, shaping_path
from woxly_tui.engine.volume_control import Refusal, VolumeControl
from woxly_tui.engine.volume_store import VolumeStore, volumes_path
from woxly_tui.media import messages as media

Preference: TypeAlias = SetVolume | SetShaping | SelectDevice | SetCues | TryMicrophone | TrySpeaker

DeviceEvent: TypeAlias = (
    media.DevicesChanged
    | media.MicrophoneTried
    | media.SpeakerTried
    | media.MicrophoneHint
    | media.CouplingLearnt
)

_IN_CALL: Final = (CallPhase.CONNECTING, CallPhase.ESTABLISHED, CallPhase.RECONNECTING)

NO_CALL: Final = Refusal("There is no call: devices are tried in one", "join one first")


@dataclass(frozen=True, slots=True)
class Stores:
    """Where preferences are kept; nowhere by default."""

    volumes: VolumeStore = field(default_factory=lambda: VolumeStore(None))
    devices: DeviceStore = field(default_factory=lambda: DeviceStore(None))
    shaping: JsonFile = field(default_factory=lambda: JsonFile(None))


def user_stores() -> Stores:
    """Those in the user's data directory."""
    return Stores(
        VolumeStore(volumes_path()), DeviceStore(devices_path()), JsonFile(shaping_path())
    )


class Preferences:
    """Owns them; the snapshot shows what is wanted. Use from the event loop.

    Args:
        volumes: Filled with what was saved; the rows of the snapshot are drawn from it.
        show: Takes fields of the snapshot.
        send: Tells the media worker.
        tell: Tells the front ends, as a notice.
        stores: Where all is kept.
    """

    def __init__(
        self,
        volumes: Volumes,
        show: Callable[..., None],
        send: Callable[[Any], None],
        tell: Callable[[Update], None],
        stores: Stores,
        cues: CueDesk,
    ) -> None:
        self._cues = cues
        self._show = show
        self._send = send
        self._tell = tell
        self._volumes = VolumeControl(volumes, stores.volumes)
        self._devices = DeviceDesk(stores.devices, lambda view: show(devices=view))
        self.muted_hint = media.MutedHint.AUTO
        self._unsaid: Notice | None = None
        self.shaping = ShapingControl(stores.shaping, lambda wanted: show(shaping=wanted))

    def join(self, join: Join, backend: media.BackendChoice) -> None:
        """A call begins, whose user's settings say this."""
        self._devices.join(join.devices)
        with suppress(ValueError):
            self.muted_hint = media.MutedHint(join.devices.muted_hint)
        self._unsaid = self.shaping.join(join.shaping, backend)

    def see(self, snapshot: Snapshot) -> None:
        """Tell what the call begins without once it stands: before that nobody may listen."""
        if self._unsaid is not None and snapshot.phase is CallPhase.ESTABLISHED:
            notice, self._unsaid = self._unsaid, None
            self._tell(notice)

    def set(
        self, asked: Preference, snapshot: Snapshot, backend: media.BackendChoice
    ) -> Refusal | None:
        """Prefer something from now on; returns why not.

        Args:
            asked: What.
            snapshot: The present state.
            backend: Which sound the user asked for.
        """
        match asked:
            case SelectDevice():
                refusal = self._devices.select(asked, self._send)
                return Refusal(*refusal) if refusal is not None else None
            case TryMicrophone() | TrySpeaker():
                return self._try(asked, snapshot)
            case SetCues(on=on, percent=percent, quiet_above=quiet_above):
                self._cues.change(CueWishes(on, percent, quiet_above))
                self._show(cues=CuesView(on, percent, quiet_above))
                return None
            case SetShaping():
                answer = self.shaping.set(asked, backend, self._send)
                if isinstance(answer, Notice):
                    self._tell(answer)
                    return None
                return answer
        return self._set_volume(asked, snapshot, backend)

    def _try(self, asked: TryMicrophone | TrySpeaker, snapshot: Snapshot) -> Refusal | None:
        if isinstance(asked, TryMicrophone):
            self._send(media.TryMicrophone(asked.name, asked.is_on))
        else:
            self._send(media.TrySpeaker(asked.name))
        return None if snapshot.phase in _IN_CALL else NO_CALL

    def _set_volume(
        self, asked: SetVolume, snapshot: Snapshot, backend: media.BackendChoice
    ) -> Refusal | None:
        percent = min(max(asked.percent, 0), LOUDEST)
        refusal = self._volumes.set(replace(asked, percent=percent), snapshot, backend, self._send)
        if refusal is None and percent != asked.percent:
            text = f"There is no volume of {asked.percent} %: it is {percent} % now"
            self._tell(Notice(Severity.WARNING, text, f"volumes go from 0 to {LOUDEST} %"))
        return refusal

    def give_up(self, lost: media.VolumesRefused | media.SuppressionLost) -> None:
        """The worker has no mixer, or less than was wanted of it: that is not wanted any more."""
        if isinstance(lost, media.SuppressionLost):
            notice = self.shaping.lose_strong(lost)
            if notice is not None:
                self._send(media.SetShaping(self.shaping.for_worker()))
        else:
            self._tell(self._volumes.give_up_fine(lost.cause))
            notice = self.shaping.give_up(lost.cause)
        if notice is not None:
            self._tell(notice)

    def take_devices(self, event: DeviceEvent, snapshot: Snapshot) -> None:
        """The worker saw other devices, or tried one, or heard our own."""
        match event:
            case media.DevicesChanged():
                for notice in self._devices.take(event, self._send):
                    self._tell(notice)
            case media.MicrophoneTried():
                self._tell(MicrophoneTried(event.name, event.level_dbfs, event.is_deaf))
            case media.SpeakerTried(was_played=False):
                self._tell(no_tone_notice())
            case media.MicrophoneHint(hint=media.Hint.TOO_LOUD):
                self._tell(too_loud_notice())
            case media.CouplingLearnt():
                if (told := self._cues.learn(event)) is not None:
                    self._tell(told)
            case media.MicrophoneHint():
                self._tell(muted_notice(snapshot.microphone))

    def fit(self, connect: media.Connect) -> media.Connect:
        """An attempt at a call, with what is wanted of its sound."""
        return replace(connect, shaping=self.shaping.for_worker(), muted_hint=self.muted_hint)

    def tell_worker(self) -> None:
        """A fresh worker takes commands."""
        self._devices.tell(self._send)
