"""The least that a server of this kind does: Starlette and python-socketio, and nothing kept.

`call-friend` is passed on as `incoming-call`, `reject-call` as `call-rejected`; a token is the
number of its user. No database, no checks, no state of calls.
"""

import asyncio
import sys
from typing import Any

import socketio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from woxly_tui.server.listener import Listener, open_port


async def echo(request: Request) -> JSONResponse:
    """What was sent."""
    return JSONResponse(await request.json())


def make_app() -> socketio.ASGIApp:
    """Both, on one port, with the server's own web server around it."""
    sockets = socketio.AsyncServer(async_mode="asgi", async_handlers=False)
    users: dict[str, int] = {}

    async def on_connect(sid: str, _environ: dict[str, Any], auth: dict[str, str]) -> None:
        users[sid] = int(auth["token"])
        await sockets.enter_room(sid, f"user-{users[sid]}")

    async def on_call(sid: str, data: dict[str, int]) -> dict[str, bool]:
        news = {"from": users[sid], "roomId": data["roomId"]}
        await sockets.emit("incoming-call", news, room=f"user-{data['friendId']}")
        return {"ok": True}

    async def on_reject(sid: str, data: dict[str, int]) -> dict[str, bool]:
        await sockets.emit("call-rejected", {"from": users[sid]}, room=f"user-{data['from']}")
        return {"ok": True}

    sockets.on("connect", on_connect)
    sockets.on("call-friend", on_call)
    sockets.on("reject-call", on_reject)
    app = Starlette(routes=[Route("/echo/{room}", echo, methods=["POST"])])
    return socketio.ASGIApp(sockets, other_asgi_app=app)


async def main() -> None:
    """Serve on a port until killed."""
    listener = Listener(make_app(), open_port("127.0.0.1", int(sys.argv[1])))
    listener.start()
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
