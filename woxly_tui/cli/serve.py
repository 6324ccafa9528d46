"""`woxly serve`: a Woxly server for friends, with a LiveKit server of its own or yours."""

import argparse
import asyncio
import contextlib
import gc
import os
import signal
import sys
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from woxly_tui.errors import SfuError, WoxlyError
    from woxly_tui.server.keys import ServerKeys
    from woxly_tui.server.listener import Listener
    from woxly_tui.server.settings import LivekitSettings, ServerSettings
    from woxly_tui.sfu.server import SfuServer

STOP_WITHIN_S: Final = 4.5
"""After which the process ends however far it got; what it acknowledged is in the database."""

MAX_FILES: Final = 65_536

_DESCRIPTION: Final = """\
A Woxly server: accounts, friends, rooms, ringing and the tokens for calls. With a LiveKit
server of its own; or with yours, where LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET
say so. Everything it keeps is in one folder.
"""


def add_parser(subparsers: Any) -> None:
    """Add `serve` to the command line."""
    from woxly_tui.cli.serve_admin import add_admin_parsers

    parser: argparse.ArgumentParser = subparsers.add_parser(
        "serve",
        help="a Woxly server for you and your friends",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add_store_flags(parser)
    parser.add_argument("--host", metavar="ADDRESS", help="listen here only (0.0.0.0: everywhere)")
    parser.add_argument("--port", metavar="NUMBER", help="the port (3001)")
    parser.add_argument(
        "--public-url", metavar="URL", help="what friends type, where a proxy stands before us"
    )
    parser.add_argument(
        "--log-stderr", action="store_true", help="log to standard error as well, as in a container"
    )
    parser.set_defaults(run=run)
    add_admin_parsers(parser)


def add_store_flags(parser: argparse.ArgumentParser) -> None:
    """The flags that say where everything is kept."""
    parser.add_argument("--data", metavar="FOLDER", help="where database and secrets are kept")
    parser.add_argument(
        "--database", metavar="URL", help="postgresql://… instead of SQLite in that folder"
    )


def settings_of(args: argparse.Namespace) -> "ServerSettings":
    """What flags and environment say.

    Raises:
        UsageError: A value cannot be used, or the extra is not installed.
    """
    check_extra()
    from woxly_tui.server.settings import settings_from

    names = ("data", "host", "port", "database", "public_url")
    return settings_from(os.environ, **{name: getattr(args, name, None) for name in names})


def check_extra() -> None:
    """Whether the packages of the server are there.

    Raises:
        UsageError: They are not.
    """
    import importlib.util

    from woxly_tui.errors import UsageError

    if any(importlib.util.find_spec(name) is None for name in ("fastapi", "socketio", "alembic")):
        raise UsageError(
            "the server's packages are not installed",
            "install woxly with its extra: uv tool install 'woxly[server]'",
        )


def _check_several(settings: "ServerSettings") -> None:
    import importlib.util

    from woxly_tui.errors import UsageError
    from woxly_tui.server.settings import check_several

    check_several(settings)
    needed = {"redis": bool(settings.redis_url), "asyncpg": "postgres" in settings.database}
    for name, is_needed in needed.items():
        if is_needed and importlib.util.find_spec(name) is None:
            raise UsageError(
                f"the package {name} is not installed",
                "install woxly with both extras: uv tool install 'woxly[server,server-cluster]'",
            )


def run(args: argparse.Namespace) -> int:
    """Serve until a signal."""
    settings = settings_of(args)
    _check_several(settings)
    try:
        return asyncio.run(_serve(settings, log_to_stderr=args.log_stderr))
    except asyncio.CancelledError:
        return 0


async def _serve(settings: "ServerSettings", *, log_to_stderr: bool) -> int:
    from woxly_tui._lib.aio import TaskOwner
    from woxly_tui.cli.serve_greeting import greeting
    from woxly_tui.server.folder import held
    from woxly_tui.server.keys import load_keys
    from woxly_tui.server.listener import open_port

    os.umask(0o077)  # SQLite makes its files without asking how
    gc.disable()  # what is loaded stays; looking through it again and again takes a tenth of it
    _raise_file_limit()
    keys = load_keys(settings.data_folder)
    _spare_imports(settings)
    _log_to(settings, keys, to_stderr=log_to_stderr)
    listening = open_port(settings.host, settings.port)
    with contextlib.ExitStack() as early:
        early.callback(listening.close)
        if not settings.redis_url:
            early.enter_context(held(settings.data_folder))
        stopped, tasks = asyncio.Event(), TaskOwner("serve")
        with _on_stop(stopped):
            async with contextlib.AsyncExitStack() as stack:
                stack.push_async_callback(tasks.aclose)
                # Loading the server takes a second of one core; LiveKit starts on another.
                loading = asyncio.to_thread(import_module, "woxly_tui.server.app")
                loaded = tasks.start(loading, name="load")
                livekit, sfu = await _livekit(settings, keys, stack)
                await loaded
                settings = replace(settings, livekit=livekit)
                listener = await _start(settings, keys, listening, stack)
                own = None if sfu is None else sfu.endpoint
                sys.stdout.write(greeting(settings, listener.port, own))
                sys.stdout.flush()
                _sweep(stack)
                await _wait(stopped, sfu)
    return 0


def _raise_file_limit() -> None:
    """A socket is a file to the system, and many systems begin with 1,024 of them."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_FILES if hard == resource.RLIM_INFINITY else min(hard, MAX_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _spare_imports(settings: "ServerSettings") -> None:
    """Hide what libraries load if it is there, for parts of theirs that this server does not use.

    It takes longer to load than everything else together. Only this process is concerned.
    """
    unused = ["aiohttp", "requests", "websocket", "pygments", "rich"]
    if not settings.redis_url:
        unused.append("redis")
    for name in unused:
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]  # None: not to be imported


def _log_to(settings: "ServerSettings", keys: "ServerKeys", *, to_stderr: bool) -> None:
    from woxly_tui.server.log import setup_server_log

    secrets = [keys.access_secret, keys.refresh_secret, keys.livekit_secret, keys.metrics_token]
    if settings.livekit is not None:
        secrets.append(settings.livekit.api_secret.reveal())
    if settings.mail is not None:
        secrets.append(settings.mail.password.reveal())
    level = os.environ.get("WOXLY_LOG_LEVEL", "info").lower()
    if level not in ("debug", "info", "warning", "error"):
        level = "info"
    path = settings.data_folder / "server.log"
    setup_server_log(path, level, secrets, to_stderr=to_stderr)


async def _start(
    settings: "ServerSettings",
    keys: "ServerKeys",
    listening: Any,
    stack: contextlib.AsyncExitStack,
) -> "Listener":
    from woxly_tui.server.addresses import note_address
    from woxly_tui.server.app import Parts, WoxlyServer
    from woxly_tui.server.listener import Listener
    from woxly_tui.server.web.client import ClientScript

    script = ClientScript(on_trouble=_say_no_page)
    stack.push_async_callback(script.aclose)
    script.start()
    server = WoxlyServer(settings, keys, Parts(script=script))
    stack.push_async_callback(server.aclose)
    await server.start()
    listener = Listener(server.asgi, listening, settings.trusted_proxies)
    stack.push_async_callback(listener.aclose)
    listener.start()
    note_address(settings, listener.port)
    return listener


def _sweep(stack: contextlib.AsyncExitStack) -> None:
    from woxly_tui.server.sweeper import Sweeper

    sweeper = Sweeper()
    stack.push_async_callback(sweeper.aclose)
    sweeper.start()


def _say_no_page(trouble: "WoxlyError") -> None:
    sys.stdout.write(
        f"  ! invitations open no call in browsers: {trouble.message}; {trouble.remedy}\n"
    )
    sys.stdout.flush()


async def _livekit(
    settings: "ServerSettings", keys: "ServerKeys", stack: contextlib.AsyncExitStack
) -> "tuple[LivekitSettings, SfuServer | None]":
    """The LiveKit server: the one that was named, if it lets us in, or one of our own."""
    if settings.livekit is not None:
        from woxly_tui.server.livekit.api import check_livekit

        await check_livekit(settings.livekit)
        return settings.livekit, None
    sfu = await _start_sfu(settings, keys)
    stack.push_async_callback(sfu.aclose)
    from woxly_tui.config import Secret
    from woxly_tui.server.settings import LivekitSettings

    endpoint = sfu.endpoint
    own = LivekitSettings(
        api_url=endpoint.url,
        api_key=endpoint.api_key,
        api_secret=Secret(endpoint.api_secret),
        public_url=os.environ.get("LIVEKIT_PUBLIC_URL", ""),
        port=endpoint.http_port,
    )
    return own, sfu


async def _start_sfu(settings: "ServerSettings", keys: "ServerKeys") -> "SfuServer":
    from woxly_tui.cli.progress import ConsoleProgress
    from woxly_tui.server.addresses import at
    from woxly_tui.sfu.install import ensure_server
    from woxly_tui.sfu.server import LOOPBACK, SfuServer
    from woxly_tui.sfu.shared import shared_config, shared_endpoints

    with contextlib.closing(ConsoleProgress()) as progress:
        binary = await ensure_server(progress)
    is_everywhere = settings.host in ("0.0.0.0", "::", "localhost")  # noqa: S104 - what was given
    webhook_host = LOOPBACK if is_everywhere else settings.host
    webhook = at(webhook_host, settings.port) + "/api/livekit/webhook"
    sfu = SfuServer(
        binary,
        _sfu_log(settings),
        make_endpoint=shared_endpoints(keys.livekit_key, keys.livekit_secret, settings.host),
        make_config=shared_config(settings.host, webhook),
    )
    try:
        await sfu.start()
    except BaseException:
        await sfu.aclose()
        raise
    return sfu


def _sfu_log(settings: "ServerSettings") -> "Path":
    return settings.data_folder / "livekit-server.log"


async def _wait(stopped: asyncio.Event, sfu: "SfuServer | None") -> None:
    """Wait for a signal.

    Raises:
        SfuError: The LiveKit server keeps dying.
    """
    from woxly_tui._lib.aio import TaskOwner

    tasks = TaskOwner("serve")
    waits: list[asyncio.Task[Any]] = [tasks.start(stopped.wait(), name="signal")]
    if sfu is not None:
        waits.append(tasks.start(sfu.failure(), name="livekit"))
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        failures: list[SfuError] = [task.result() for task in done if task is not waits[0]]
        if failures:
            raise failures[0]
    finally:
        await tasks.aclose()


@contextlib.contextmanager
def _on_stop(stopped: asyncio.Event) -> "Iterator[None]":
    """Begin to stop at the first signal; end at the second, or when stopping takes too long."""
    from woxly_tui.errors import INTERRUPTED

    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - we are in one

    def asked() -> None:
        if stopped.is_set():
            os._exit(INTERRUPTED)
        stopped.set()
        loop.call_later(STOP_WITHIN_S, os._exit, 0)

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in numbers:
        loop.add_signal_handler(number, asked)
    try:
        yield
    finally:
        for number in numbers:
            loop.remove_signal_handler(number)
