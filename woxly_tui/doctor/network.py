"""Whether what stands at the URL can be reached, is a LiveKit server, and has our time."""

import email.utils
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from woxly_tui.doctor.finding import Finding, Status

LIMIT_S: Final = 5.0
"""Longest wait for one answer of the network."""

MAX_BODY_BYTES: Final = 4096

TCP_MEDIA_PORT: Final = 7881
"""Where livekit-server takes sound by TCP unless told otherwise."""

CLOCK_OFF_S: Final = 60.0
"""What servers forgive when they look at a token's times."""

_CLOCK_NOTE_S: Final = 5.0

_OTHER_SCHEME: Final = {"ws": "wss", "wss": "ws"}


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port, and whether TLS is spoken there."""

    host: str
    port: int
    is_tls: bool
    path: str = ""

    @classmethod
    def of(cls, url: str) -> "Place":
        """Of a checked URL."""
        parts = urlsplit(url)
        is_tls = parts.scheme in ("wss", "https")
        port = parts.port or (443 if is_tls else 80)
        return cls(parts.hostname or "", port, is_tls, parts.path.rstrip("/"))


@dataclass(frozen=True, slots=True)
class Page:
    """What an HTTP server answered."""

    status: int
    body: str
    date: str
    asked_at: float
    """Wall-clock time, half-way between question and answer."""
    took_s: float


def check_port(place: Place) -> Finding:
    """A TCP connection, and how long it took."""
    check, began = "server port", time.monotonic()
    try:
        with socket.create_connection((place.host, place.port), LIMIT_S):
            took_ms = 1000 * (time.monotonic() - began)
    except socket.gaierror as error:
        evidence = f"the host name {place.host} is unknown ({error.strerror})"
        remedy = "look for a typing error in the URL; is this machine on a network?"
        return Finding(check, Status.BAD, evidence, remedy)
    except TimeoutError:
        evidence = f"{place.host} port {place.port} does not answer in {LIMIT_S:.0f} s"
        return Finding(check, Status.BAD, evidence, "a firewall, or the host is down: open TCP")
    except OSError as error:
        evidence = f"{place.host} port {place.port}: {(error.strerror or str(error)).lower()}"
        remedy = "is the server running, and is that its port? `livekit-server --dev` has 7880"
        return Finding(check, Status.BAD, evidence, remedy)
    evidence = f"{place.host} port {place.port} takes connections, after {took_ms:.0f} ms"
    return Finding(check, Status.OK, evidence, "", {"connect_ms": round(took_ms, 1)})


def check_tls(place: Place) -> Finding | None:
    """The handshake and the certificate; None where the URL wants none."""
    check = "TLS"
    if not place.is_tls:
        return None
    try:
        with (
            socket.create_connection((place.host, place.port), LIMIT_S) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=place.host) as secure,
        ):
            version, certificate = secure.version(), secure.getpeercert() or {}
    except ssl.SSLCertVerificationError as error:
        evidence = f"the certificate is not trusted: {error.verify_message}"
        return Finding(check, Status.BAD, evidence, _certificate_remedy(error.verify_code))
    except (ssl.SSLError, TimeoutError, ConnectionError, OSError) as error:
        if _speaks_plainly(place):
            evidence = "the port speaks no TLS, but plain HTTP"
            remedy = "use ws:// where that is right, or a proxy with TLS before the server"
            return Finding(check, Status.BAD, evidence, remedy)
        why = getattr(error, "reason", None) or type(error).__name__
        return Finding(check, Status.BAD, f"the handshake fails ({why})", "ask who runs the server")
    until = str(certificate.get("notAfter", "?"))
    return Finding(check, Status.OK, f"{version}, certificate valid until {until}")


def _certificate_remedy(code: int) -> str:
    """What helps, by the number that OpenSSL gives the fault."""
    match code:
        case 9:  # not yet valid
            return "set this machine's clock; if it is right, whoever runs the server looks at its"
        case 10:  # expired
            return "whoever runs the server renews it; or this machine's clock is ahead: set it"
        case 62 | 64:  # another host, another address
            return "use the host name the certificate was made for, or have one made for this name"
        case 18 | 19 | 20 | 21:  # signed by itself, or by somebody unknown
            return (
                "the server needs one that systems trust, as Let's Encrypt gives; or make its "
                "issuer known to this system"
            )
    return "the server needs a certificate for this host name that systems trust"


def _speaks_tls(place: Place) -> bool:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # nothing is said to it, nor taken from it
    try:
        with (
            socket.create_connection((place.host, place.port), LIMIT_S) as plain,
            context.wrap_socket(plain, server_hostname=place.host),
        ):
            return True
    except OSError:
        return False


def _speaks_plainly(place: Place) -> bool:
    plain = Place(place.host, place.port, is_tls=False)
    return isinstance(fetch(plain, "/"), Page)


def fetch(place: Place, path: str) -> Page | str:
    """GET a path; a string says why there is no answer."""
    connection: http.client.HTTPConnection
    if place.is_tls:
        connection = http.client.HTTPSConnection(place.host, place.port, timeout=LIMIT_S)
    else:
        connection = http.client.HTTPConnection(place.host, place.port, timeout=LIMIT_S)
    began, wall = time.monotonic(), time.time()
    try:
        connection.request("GET", place.path + path, headers={"User-Agent": "woxly doctor"})
        answer = connection.getresponse()
        took_s = time.monotonic() - began
        body = answer.read(MAX_BODY_BYTES).decode("utf-8", "replace")
        date = answer.getheader("Date") or ""
        return Page(answer.status, body, date, wall + took_s / 2, took_s)
    except http.client.HTTPException as error:
        return f"it speaks no HTTP ({type(error).__name__})"
    except OSError as error:
        return (error.strerror or str(error) or type(error).__name__).lower()
    finally:
        connection.close()


def check_livekit(place: Place) -> Finding:
    """Whether a LiveKit server answers: it asks for a token where others say 404."""
    page = fetch(place, "/rtc/validate")
    if isinstance(page, str) and not place.is_tls and _speaks_tls(place):
        return _tls_not_told()
    return judge_livekit(page)


def _tls_not_told() -> Finding:
    evidence = "the port speaks TLS, and the URL says ws://"
    return Finding("LiveKit", Status.BAD, evidence, "use wss:// in the URL")


def judge_livekit(page: Page | str) -> Finding:
    """What the answer to a question without a token means."""
    check = "LiveKit"
    if isinstance(page, str):
        evidence = f"what listens there does not answer: {page}"
        return Finding(check, Status.BAD, evidence, "check port and scheme of the URL")
    if "HTTP request to an HTTPS server" in page.body or "plain HTTP request was sent" in page.body:
        return _tls_not_told()
    if page.status == http.HTTPStatus.UNAUTHORIZED:
        evidence = f"a LiveKit server answers, after {1000 * page.took_s:.0f} ms"
        return Finding(check, Status.OK, evidence, "", {"answer_ms": round(1000 * page.took_s, 1)})
    if page.status >= http.HTTPStatus.INTERNAL_SERVER_ERROR:
        evidence = f"it answers {page.status}: a proxy without its server, or a server that fails"
        return Finding(check, Status.BAD, evidence, "is livekit-server running behind it?")
    evidence = f"it answers {page.status} where LiveKit asks for a token: not a LiveKit server"
    remedy = "check port and path; a proxy must pass /rtc, WebSockets included"
    return Finding(check, Status.BAD, evidence, remedy)


def check_clock(place: Place) -> Finding:
    """Our clock against the Date of the server's answer."""
    page = fetch(place, "/")
    return judge_clock(page)


def judge_clock(page: Page | str) -> Finding:
    """How far our clock is from a server's."""
    check = "clock"
    try:
        sent = "" if isinstance(page, str) else page.date
        there = email.utils.parsedate_to_datetime(sent).timestamp()
    except (TypeError, ValueError):
        return Finding(check, Status.NOTE, "the server does not tell its time")
    assert isinstance(page, Page)  # noqa: S101 - it has a date
    off_s = page.asked_at - (there + 0.5)  # its date is cut to whole seconds
    figures = {"off_s": round(off_s, 1)}
    which = "ahead of" if off_s > 0 else "behind"
    evidence = f"this machine is {_span(abs(off_s))} {which} the server"
    remedy = "set this machine's clock (`timedatectl set-ntp true`), or the server's"
    if abs(off_s) > CLOCK_OFF_S:
        return Finding(check, Status.BAD, f"{evidence}: tokens are refused", remedy, figures)
    if abs(off_s) > _CLOCK_NOTE_S:
        return Finding(check, Status.NOTE, evidence, remedy, figures)
    return Finding(check, Status.OK, "the same as the server's, to a second or two", "", figures)


def _span(seconds: float) -> str:
    for size, unit in ((86400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"


def check_tcp_media(place: Place, port: int = TCP_MEDIA_PORT) -> Finding:
    """Whether LiveKit's usual port for sound over TCP takes a connection."""
    check = "TCP"
    try:
        with socket.create_connection((place.host, port), LIMIT_S):
            evidence = f"port {port}, usual for sound by TCP, takes connections: UDP is blocked"
            return Finding(check, Status.NOTE, evidence, "open UDP all the same: TCP is late")
    except OSError:
        evidence = f"port {port}, usual for sound by TCP, takes no connection either"
        return Finding(check, Status.NOTE, evidence, "open it where UDP cannot be opened")
