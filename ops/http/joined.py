"""A transport that sends an answer's head and its body together: uvicorn writes them one after the other, a call of the
system each, and whoever waits for the answer is woken twice."""

from __future__ import annotations

import asyncio
from typing import Any

_AT_ONCE_BYTES = 16 * 1024
"""More than that is not kept back: who streams goes by what the transport has taken."""


class Joined:
    """What is written in one turn of the event loop goes out at its end; all else is the `transport`'s."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._kept: list[bytes] = []
        self._size = 0

    def write(self, data: bytes) -> None:
        if not self._kept:
            self._loop.call_soon(self._send)
        self._kept.append(data)
        self._size += len(data)
        if self._size > _AT_ONCE_BYTES:
            self._send()

    def close(self) -> None:
        self._send()
        self._transport.close()

    def abort(self) -> None:
        self._kept, self._size = [], 0
        self._transport.abort()

    def _send(self) -> None:
        if self._kept:
            data = b"".join(self._kept)
            self._kept, self._size = [], 0
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)
