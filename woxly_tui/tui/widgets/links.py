"""Opening an address that was clicked, and saying so."""

from typing import Final

from textual.widget import Widget

from woxly_tui.tui.browser import open_address, opener

LINK_TOAST_S: Final = 15.0
"""Long enough to copy an address."""


def open_link(widget: Widget, target: str) -> None:
    """Open an address in a browser; where there is none, show it.

    Args:
        widget: Who runs the browser's command.
        target: As `tui.links` found it.
    """
    if (command := opener()) is None:
        text = f"No browser here. The address is {target}"
        widget.notify(text, markup=False, timeout=LINK_TOAST_S)
        return
    widget.notify(f"Opening {target}", markup=False)
    widget.run_worker(_open(widget, command, target), name="browser", exit_on_error=False)


async def _open(widget: Widget, command: list[str], target: str) -> None:
    if not await open_address(command, target):
        widget.notify(f"{command[0]} did not open {target}", severity="warning", markup=False)
