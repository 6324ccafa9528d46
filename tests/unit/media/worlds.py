"""Sound servers as they look at one instant."""

from woxly_tui.media.device_world import Found, Stream, World
from woxly_tui.media.devices import SoundServer
from woxly_tui.types import DeviceKind

MIC, SPEAKER = DeviceKind.MICROPHONE, DeviceKind.SPEAKER

LAPTOP_MIC = Found(MIC, 1, "laptop-mic", "Laptop")
USB_MIC = Found(MIC, 2, "usb-mic", "USB headset")
LAPTOP = Found(SPEAKER, 1, "laptop", "Laptop")
USB = Found(SPEAKER, 2, "usb", "USB headset")
MONITOR = Found(MIC, 9, "laptop.monitor", "Monitor of Laptop", is_monitor=True)


def world(
    *devices: Found,
    streams: tuple[Stream, ...] = (),
    speaker: str = "laptop",
    microphone: str = "laptop-mic",
    server: SoundServer = SoundServer.ANSWERS,
    generation: int = 1,
) -> World:
    defaults = {SPEAKER: speaker, MIC: microphone}
    return World(server, generation, devices, streams, defaults)


def playing_on(device: Found, index: int = 7) -> Stream:
    return Stream(device.kind, index, device.index)


EVERYTHING = (LAPTOP_MIC, USB_MIC, LAPTOP, USB, MONITOR)
