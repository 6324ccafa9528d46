"""Chromium without a window, driven over its DevTools protocol: what a person sees and clicks."""

import base64
import contextlib
import itertools
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from websockets.sync.client import connect

from tests.rig.pulse import clean_env
from tests.rig.web.participant import find_chromium

PHONE: Final = (390, 844)
DESKTOP: Final = (1280, 800)

_FLAGS: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--use-fake-device-for-media-stream",
    "--remote-debugging-port=0",
    "--autoplay-policy=document-user-activation-required",
)

_START_WITHIN_S: Final = 20.0


class Browser:
    """One browser with one page. Its microphone is Chromium's own, which beeps.

    Args:
        allows_microphone: What the user answers when the page asks for the microphone.
    """

    def __init__(self, *flags: str, allows_microphone: bool = True) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="rig-browser-"))
        answer = (
            "--use-fake-ui-for-media-stream" if allows_microphone else "--deny-permission-prompts"
        )
        self._log = (self._home / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            [find_chromium(), *_FLAGS, answer, *flags, f"--user-data-dir={self._home / 'p'}"],
            env=clean_env() | {"HOME": str(self._home)},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )
        self._numbers = itertools.count(1)
        self._stack = contextlib.ExitStack()
        self.console: Final[list[str]] = []
        """What the page and the browser complained about."""
        try:
            link = connect(self._page_address(), max_size=None, proxy=None)
            self._socket = self._stack.enter_context(link)
            for domain in ("Page", "Runtime", "Log", "Network"):
                self._send(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def _page_address(self) -> str:
        import httpx

        port_file = self._home / "p" / "DevToolsActivePort"
        deadline = time.monotonic() + _START_WITHIN_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, IndexError, httpx.HTTPError, StopIteration):
                port = port_file.read_text().splitlines()[0]
                pages = httpx.get(f"http://127.0.0.1:{port}/json", timeout=2).json()
                return str(next(p["webSocketDebuggerUrl"] for p in pages if p["type"] == "page"))
            time.sleep(0.05)
        raise AssertionError("Chromium does not start")

    def _send(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            message = json.loads(self._socket.recv(timeout=20))
            if message.get("id") == number:
                assert "error" not in message, f"{method}: {message['error']}"
                result: dict[str, Any] = message["result"]
                return result
            self._note(message)

    def _note(self, message: Mapping[str, Any]) -> None:
        params = message.get("params", {})
        match message.get("method"):
            case "Log.entryAdded" if params["entry"]["level"] == "error":
                self.console.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")
            case "Runtime.exceptionThrown":
                self.console.append(str(params["exceptionDetails"]))
            case "Runtime.consoleAPICalled" if params["type"] == "error":
                self.console.append(str([arg.get("value") for arg in params["args"]]))

    def open(self, url: str) -> None:
        """Go to an address, and wait for it."""
        self._send("Page.navigate", url=url)
        self.wait(f"document.readyState === 'complete' && location.href === {json.dumps(url)}")

    def reload(self) -> None:
        """Load the page again."""
        self.run("window.isOld = true")
        self._send("Page.reload")
        self.wait("document.readyState === 'complete' && !window.isOld")

    def run(self, script: str) -> Any:
        """The value of an expression, with a promise waited for, as if the user had acted."""
        found = self._send(
            "Runtime.evaluate",
            expression=script,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        assert "exceptionDetails" not in found, f"{script}: {found['exceptionDetails']}"
        return found["result"].get("value")

    def wait(self, condition: str, timeout_s: float = 10.0) -> Any:
        """Wait until an expression is true; returns its value."""
        deadline = time.monotonic() + timeout_s
        while True:
            with contextlib.suppress(AssertionError):  # between two pages
                if found := self.run(condition):
                    return found
            if time.monotonic() > deadline:
                text = self.run("document.body.innerText")
                raise AssertionError(f"never: {condition}\npage: {text}\nerrors: {self.console}")
            time.sleep(0.05)

    def see(self, text: str, timeout_s: float = 10.0) -> None:
        """Wait until a text is to be seen on the page."""
        self.wait(f"document.body.innerText.includes({json.dumps(text)})", timeout_s)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse."""
        self.wait(f"!!document.querySelector({json.dumps(selector)})?.checkVisibility()")
        box = self.run(
            f"(() => {{ const e = document.querySelector({json.dumps(selector)});"
            " e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
            " return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._send(
                "Input.dispatchMouseEvent",
                type=kind,
                x=box[0],
                y=box[1],
                button="left",
                clickCount=1,
            )

    def type_into(self, selector: str, text: str) -> None:
        """Replace what stands in a field."""
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self._send("Input.insertText", text=text)

    def set_offline(self, on: bool) -> None:
        """Cut the page off from HTTP and WebSockets."""
        self._send(
            "Network.emulateNetworkConditions",
            offline=on,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def picture(self, size: tuple[int, int], *, is_dark: bool = False) -> bytes:
        """The page as a PNG, in a window of a size."""
        width, height = size
        self._send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = "dark" if is_dark else "light"
        self._send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        time.sleep(0.2)
        return base64.b64decode(self._send("Page.captureScreenshot", format="png")["data"])

    def close(self) -> None:
        """End the browser with all its processes."""
        self._stack.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(timeout=10)
        self._log.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
