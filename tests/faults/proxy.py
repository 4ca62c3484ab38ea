"""A network that can be cut, slowed and stopped: passes bytes between clients and a server, in a thread of its own."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections.abc import Collection, Coroutine
from pathlib import Path
from typing import Any, Self

Address = int | Path
"""a loopback port, or a Unix socket"""


class Proxy:
    """Listens on `listen` and passes on to `target`; a context manager. Its switches may be moved from any thread.

    `refusing`: new connections end at once. `delay`: seconds that each piece of data is held back.
    `losing_answers`: what clients send arrives, and the connection ends as soon as the server says something.
    `flowing`: switched off, nothing passes in either direction while connections stay open.
    `only`: the clients that this is for, None for all: their process ids at a Unix socket, their ports at a TCP one.
    """

    def __init__(self, target: Address, listen: Address) -> None:
        self._target = target
        self._listen = listen
        self.refusing = False
        self.losing_answers = False
        self.flowing = True
        self.delay = 0.0
        self.only: Collection[int] | None = None
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server
        self._open: dict[asyncio.StreamWriter, asyncio.StreamWriter] = {}  # client's side → server's side
        self._thread = threading.Thread(target=self._run, name=f"proxy {listen}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.refusing = True
        self.cut()
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def heal(self) -> None:
        """Everything passes again."""
        self.refusing = self.losing_answers = False
        self.flowing = True
        self.delay = 0.0
        self.only = None

    def cut(self, only: Collection[int] | None = None) -> None:
        """Ends all connections without a word, or those of the clients given (see `only`)."""
        self._call(self._cut(only))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))

    def _call(self, work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _start(self) -> None:
        if isinstance(self._listen, Path):
            self._server = await asyncio.start_unix_server(self._serve, self._listen)
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._listen)

    async def _close(self) -> None:
        self._server.close()

    async def _cut(self, only: Collection[int] | None) -> None:
        for client, server in list(self._open.items()):
            if only is None or _who(client) in only:
                client.transport.abort()
                server.transport.abort()

    async def _serve(self, said: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        who = _who(client)
        if self.refusing and self._is_meant(who):
            client.transport.abort()
            return
        try:
            if isinstance(self._target, Path):
                answered, server = await asyncio.open_unix_connection(self._target)
            else:
                answered, server = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            client.transport.abort()
            return
        self._open[client] = server
        try:
            await asyncio.gather(self._pass(who, said, server, False), self._pass(who, answered, client, True))
        finally:
            del self._open[client]
            client.transport.abort()
            server.transport.abort()

    def _is_meant(self, who: int) -> bool:
        return self.only is None or who in self.only

    async def _pass(self, who: int, source: asyncio.StreamReader, sink: asyncio.StreamWriter, answers: bool) -> None:
        try:
            while data := await source.read(65536):
                if self.delay and self._is_meant(who):
                    await asyncio.sleep(self.delay)
                while not self.flowing and self._is_meant(who):  # noqa: ASYNC110 (moved by other threads)
                    await asyncio.sleep(0.02)
                if answers and self.losing_answers:
                    sink.transport.abort()
                    return
                sink.write(data)
                await sink.drain()
            if sink.can_write_eof():
                sink.write_eof()
        except OSError:  # one side is gone without a word: so is the other
            sink.transport.abort()


def _who(client: asyncio.StreamWriter) -> int:
    """A client's port, or its process id where it comes by a Unix socket."""
    connected: socket.socket = client.get_extra_info("socket")
    if connected.family == socket.AF_UNIX:
        credentials = connected.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
        return int(struct.unpack("3i", credentials)[0])
    return int((client.get_extra_info("peername") or ("", 0))[1])
