"""A D-Bus session of its own, with a keyring and a notification service that are made of tests."""

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.rig.process import LineProcess, python_module

HAS_BUS: Final = shutil.which("dbus-daemon") is not None


_CONFIG: Final = """\
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""
"""No folder of services: nothing of this machine is started by asking for it."""


class Bus:
    """A bus; `address` is what DBUS_SESSION_BUS_ADDRESS holds."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="rig-bus-")
        config = Path(self._folder.name) / "bus.conf"
        config.write_text(_CONFIG.format(folder=self._folder.name), "utf-8")
        self._daemon = subprocess.Popen(
            ["dbus-daemon", f"--config-file={config}", "--nofork", "--print-address"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._daemon.stdout is not None
        self.address: Final = self._daemon.stdout.readline().strip()
        self._services: Services | None = None

    def services(self, *switches: str) -> "Services":
        """Start the services: `locked`, `no-default` and `asks` say what the keyring is like,
        `slow` lets the notification service answer never."""
        self._services = Services(self.address, switches)
        return self._services

    def freeze(self) -> None:
        """Stop the bus dead: connections are taken, and nothing is answered."""
        self._daemon.send_signal(signal.SIGSTOP)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._daemon.send_signal(signal.SIGCONT)
        if self._services is not None:
            self._services.close()
        self._daemon.kill()
        self._daemon.communicate()
        self._folder.cleanup()


class Services(LineProcess):
    """The services' process; it says a message for each call."""

    def __init__(self, address: str, switches: tuple[str, ...]) -> None:
        env = os.environ | {"DBUS_SESSION_BUS_ADDRESS": address}
        super().__init__("bus services", python_module("tests.rig.bus_services", *switches), env)
        self.wait_type("ready")
