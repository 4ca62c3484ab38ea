"""A connection with bounds: uvicorn's own HTTP/1.1 protocol, which has none on headers, bodies, silence and writing."""

from __future__ import annotations

import asyncio
import math
import os
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from ops.http.bounds import UPLOADS
from ops.http.connections import PAGES, TILLS, Connections
from ops.http.handover import Handover, duplicate, refuse
from ops.http.joined import Joined

_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
_NEVER = math.inf
_NO_REQUEST, _HALF_HEADER = "no request", "half a header"


class Config(uvicorn.Config):
    """uvicorn's, with what its protocol needs beside it."""

    connections: Connections
    handover: Handover | None = None


class BoundedProtocol(HttpToolsProtocol):
    """`deadline` is when the connection ends unless something comes of it, by the loop's clock; `late` says why. One
    that was handed over begins with the bytes `before`."""

    config: Config

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
        before: bytes = b"",
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._all = self.config.connections
        self._bounds = self._all.bounds
        self._quiet_bytes = 0
        self._receiving = False  # a request that is not whole
        self._last = PAGES
        self._before = before
        self._handover = self.config.handover
        self.deadline = _NEVER
        self.late = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Joined(transport, self.loop))  # type: ignore[arg-type]  # it is one but by name
        address = self.client[0] if self.client else ""
        if not self._all.admit(self, address):
            transport.abort()
            return
        self._by(self._bounds.header_seconds, _NO_REQUEST)
        if self._before:
            data, self._before = self._before, b""
            self.data_received(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._all.forget(self)
        super().connection_lost(exc)

    def end(self) -> None:
        """At once, with what is not sent yet."""
        self.deadline = _NEVER
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        if not self._receiving and (self.cycle is None or self.cycle.response_complete):
            self._by_header()
            data, self._before = self._before + data, b""
            if self._handover and self._goes_elsewhere(self._handover, data):
                return
        self._quiet_bytes += len(data)
        super().data_received(data)
        if self._quiet_bytes > self._bounds.quiet_bytes and not self.transport.is_closing():
            self._all.dropped("endless header")
            self._by(_NEVER, "")
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(_TOO_LARGE)
            self.transport.close()

    def _goes_elsewhere(self, handover: Handover, data: bytes) -> bool:
        """Hands the connection over where its next request, which begins so, is the other process's; waits for more of
        it where that is not to be told yet."""
        match handover.is_other(data):
            case None:
                self._before = data
                return True
            case False:
                return False
        self._unset_keepalive_if_required()
        fd = duplicate(self.transport)
        try:
            if handover.give(fd, data):
                self.transport.abort()
            else:
                refuse(self.transport)
        finally:
            os.close(fd)
        return True

    def is_late(self, now: float) -> bool:
        """Whether the connection has had its time."""
        if self.deadline == _NEVER and self.transport.is_closing():
            self._by(self._bounds.closing_seconds, "not closed")
        return self.deadline <= now

    def on_message_begin(self) -> None:
        self._receiving = True
        self._by_header()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._quiet_bytes = 0
        self._by(self._bounds.body_seconds, "half a body")
        self._all.works(self)
        super().on_headers_complete()
        self._last = TILLS if self.scope["path"].startswith(UPLOADS) else PAGES

    def on_body(self, body: bytes) -> None:
        self._quiet_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._quiet_bytes = 0
        self._receiving = False
        super().on_message_complete()
        if self.cycle is not None and self.cycle.response_complete:
            self._wait()
        else:
            self._by(_NEVER, "")

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._receiving:
            self._by(min(self._bounds.body_seconds, self._bounds.closing_seconds), "half a body")
        elif not self.pipeline and self.cycle.response_complete:
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._by(self._bounds.write_seconds, "unread answer")

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self._receiving:
            self._by(_NEVER, "")
            if self.cycle is None or self.cycle.response_complete:
                self._wait()

    def _wait(self) -> None:
        """For the next request."""
        self._by(self._bounds.idle_seconds + 5, "idle")  # uvicorn's own timer closes it before, in good order
        self._all.waits(self, self._last)

    def _by_header(self) -> None:
        """The header's time begins with its first byte, whatever comes of it in drops."""
        if self.late not in (_NO_REQUEST, _HALF_HEADER):
            self._by(self._bounds.header_seconds, _HALF_HEADER)

    def _by(self, seconds: float, late: str) -> None:
        self.deadline, self.late = self.loop.time() + seconds, late
