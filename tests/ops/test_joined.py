"""What is written in one turn of the event loop goes out together, and nothing is lost or kept for long."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import httpx
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ops.http.headers import STRICT_TRANSPORT, SafeAnswers
from ops.http.joined import Joined
from ops.http.shortcut import Shortcut


@contextlib.asynccontextmanager
async def _joined() -> AsyncIterator[tuple[Joined, socket.socket]]:
    """A transport over a pair of sockets, and the other end."""
    near, far = socket.socketpair()
    far.setblocking(False)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    transport, _ = await loop.create_connection(lambda: _Ends(ended), sock=near)
    with far:
        yield Joined(transport, loop), far
        transport.abort()
        await ended.wait()


class _Ends(asyncio.Protocol):
    def __init__(self, ended: asyncio.Event) -> None:
        self._ended = ended

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended.set()


async def test_head_and_body_are_sent_together() -> None:
    async with _joined() as (joined, far):
        joined.write(b"head ")
        joined.write(b"body")
        assert _sent(far) is None, "nothing is sent before the turn ends"
        await asyncio.sleep(0)
        assert _sent(far) == b"head body"


async def test_much_is_sent_at_once_and_in_order() -> None:
    """Who streams goes by what the transport has taken: nothing piles up here."""
    async with _joined() as (joined, far):
        joined.write(b"head ")
        joined.write(b"x" * 20_000)
        assert _sent(far) == b"head " + b"x" * 20_000


async def test_closing_sends_what_is_kept() -> None:
    async with _joined() as (joined, far):
        joined.write(b"last words")
        joined.close()
        assert joined.is_closing()
        await asyncio.sleep(0)
        assert _sent(far) == b"last words"


async def test_aborting_drops_it() -> None:
    async with _joined() as (joined, far):
        joined.write(b"never")
        joined.abort()
        for _ in range(3):
            await asyncio.sleep(0)
        assert _sent(far) == b""


def _sent(far: socket.socket) -> bytes | None:
    try:
        return far.recv(65_536)
    except BlockingIOError:
        return None


async def test_a_direct_path_answers_with_the_headers_of_all_and_nothing_else_is_direct() -> None:
    async def direct(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse("direct", headers={"X-Content-Type-Options": "its own"})(scope, receive, send)

    async def usual(request: Request) -> PlainTextResponse:
        return PlainTextResponse("usual")

    routes = [Route("/{rest:path}", usual, methods=["GET", "POST"])]
    app = Shortcut(routes=routes, middleware=[Middleware(SafeAnswers, secure=True)])
    app.direct = "/up", SafeAnswers(direct, secure=True)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://office.test") as client:
        answer = await client.post("/up?check=1")
        assert (answer.text, answer.headers["x-content-type-options"]) == ("direct", "its own")
        assert answer.headers["strict-transport-security"] == STRICT_TRANSPORT
        for path in ("/up/", "/up/state", "/u", "/"):
            answer = await client.get(path)
            assert (answer.text, answer.headers["x-content-type-options"]) == ("usual", "nosniff")
