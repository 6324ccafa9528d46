"""Codes by mail, where an SMTP server is configured."""

import asyncio
import logging
import smtplib
from email.message import EmailMessage
from typing import Final

from woxly_tui._lib.aio import TaskOwner
from woxly_tui.server.settings import MailSettings

_TIMEOUT_S: Final = 20.0
_AT_ONCE: Final = 20

_log = logging.getLogger(__name__)


class Mailer:
    """Sends in the background: no answer waits for a mail server. Use from one event loop."""

    def __init__(self, settings: MailSettings | None) -> None:
        self._settings = settings
        self._tasks = TaskOwner("mail")
        self._free = asyncio.Semaphore(_AT_ONCE)

    @property
    def is_on(self) -> bool:
        """Whether there is a mail server to send with."""
        return self._settings is not None

    def send(self, to: str, subject: str, body: str) -> None:
        """Send a mail some time soon; dropped where there is no server, or too many wait."""
        if self._settings is None or self._free.locked():
            return
        message = EmailMessage()
        message["From"], message["To"] = self._settings.sender, to
        message["Subject"] = subject
        message.set_content(body)
        self._tasks.start(self._send(self._settings, message), name="send")

    async def _send(self, settings: MailSettings, message: EmailMessage) -> None:
        async with self._free:
            try:
                await asyncio.to_thread(_deliver, settings, message)
            except (OSError, smtplib.SMTPException) as error:
                _log.warning("a mail could not be sent: %s", type(error).__name__)

    async def aclose(self) -> None:
        """Give up what is not sent."""
        await self._tasks.aclose()


def _deliver(settings: MailSettings, message: EmailMessage) -> None:
    with smtplib.SMTP(settings.host, settings.port, timeout=_TIMEOUT_S) as server:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls()
        if settings.user:
            server.login(settings.user, settings.password.reveal())
        server.send_message(message)
