"""A connection goes to the process whose request it brings: uploads to the gateway, all else to the portal.

`up` has one port and two processes, so that pages are never drawn on the loop that takes uploads. The gateway accepts;
what it is not for goes on, socket and first bytes, over a Unix socket that both have from their supervisor; and back
where a kept connection brings the other's request next. A process that is away finds waiting connections when it is
back. Nothing is copied from one to the other afterwards, and a client's address stays its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import socket
import tempfile
from collections.abc import Callable
from typing import Literal

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ops.http.bounds import UPLOADS

log = structlog.get_logger(__name__)

Part = Literal["gateway", "portal"]
_MESSAGE_BYTES = 16 * 1024
"""First bytes of a connection up to which they travel in the message; more of them travel in a file."""
_AT_ONCE = 32
_BEGINNING_BYTES = 64
_ANY = re.compile(rb"[A-Z]+ /(?:healthz|readyz)[ ?]")
_UPLOAD = re.compile(rb"[A-Z]+ " + re.escape(UPLOADS.encode()) + rb"[ ?/]")
_BUSY = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 5\r\nconnection: close\r\ncontent-length: 5\r\n\r\nbusy\n"


def pair() -> tuple[socket.socket, socket.socket] | None:
    """The ends for both processes; None where the system has no such sockets, and one process serves both."""
    try:
        ends = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    except (AttributeError, OSError):
        return None
    for end in ends:
        end.setblocking(False)
        end.set_inheritable(True)
    return ends


def part_of(beginning: bytes) -> Part | Literal["any"] | None:
    """Whose a request is, by its first bytes; None while they are too few to tell."""
    if _UPLOAD.match(beginning):
        return "gateway"
    if _ANY.match(beginning):
        return "any"
    whole = len(beginning) >= _BEGINNING_BYTES or b"\n" in beginning
    return "portal" if whole else None


class Handover:
    """The end of one process, which serves `part`."""

    def __init__(self, part: Part, end: socket.socket) -> None:
        self.part = part
        self._end = end
        end.setblocking(False)
        end.setblocking(False)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[object]] = set()

    def is_other(self, beginning: bytes) -> bool | None:
        """Whether a request that begins so is the other process's; None while that is not to be told."""
        part = part_of(beginning)
        return None if part is None else part not in ("any", self.part)

    def give(self, connection: int, data: bytes) -> bool:
        """Hands a connection (its file descriptor, which stays ours to close) with its first bytes to the other
        process. False where that does not take any more: it has been away for long."""
        with contextlib.ExitStack() as stack:
            fds = [connection]
            if len(data) > _MESSAGE_BYTES:
                file = stack.enter_context(tempfile.TemporaryFile(buffering=0))
                file.write(data)
                file.seek(0)
                fds.append(file.fileno())
                data = b""
            try:
                socket.send_fds(self._end, [data or b"\n"], fds)
            except OSError as exc:
                log.warning("connection_not_handed_over", to_others_of=self.part, error=type(exc).__name__)
                return False
        return True

    def open(self, protocol: Callable[[bytes], asyncio.Protocol]) -> None:
        """Takes connections from now on; `protocol` makes what handles one that begins with these bytes."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._end.fileno(), self._take, protocol)

    def close(self) -> None:
        """What comes from now on waits for the next process."""
        if self._loop is not None:
            self._loop.remove_reader(self._end.fileno())

    def _take(self, protocol: Callable[[bytes], asyncio.Protocol]) -> None:
        assert self._loop is not None
        for _ in range(_AT_ONCE):
            try:
                data, fds, _, _ = socket.recv_fds(self._end, _MESSAGE_BYTES, 2)
            except BlockingIOError:
                return
            if not fds:  # the supervisor is gone, and with it all other ends
                return self.close()
            connection = socket.socket(fileno=fds[0])
            if len(fds) > 1:
                with open(fds[1], "rb") as file:
                    data = file.read()
            connection.setblocking(False)
            task = self._loop.create_task(self._accept(protocol, connection, data))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _accept(
        self, protocol: Callable[[bytes], asyncio.Protocol], connection: socket.socket, data: bytes
    ) -> None:
        assert self._loop is not None
        try:
            await self._loop.connect_accepted_socket(lambda: protocol(data), connection)
        except OSError:
            connection.close()  # its client has gone


def refuse(transport: asyncio.Transport) -> None:
    """Tells the client to come again."""
    transport.write(_BUSY)
    transport.close()


def duplicate(transport: asyncio.Transport) -> int:
    """The file descriptor of a transport's socket, once more."""
    return os.dup(transport.get_extra_info("socket").fileno())


class Guard:
    """Answers 503 to a request that came behind another one in the same piece, and is the other process's: over a
    connection of its own it finds there."""

    def __init__(self, app: ASGIApp, handover: Handover) -> None:
        self._app = app
        self._handover = handover

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._handover.is_other(f"{scope['method']} {scope['path']} \n".encode()):
            again = PlainTextResponse("again\n", 503, {"Retry-After": "0", "Connection": "close"})
            return await again(scope, receive, send)
        await self._app(scope, receive, send)
