"""All connections of a server: who gets one, who goes when there are too many, and who has had his time.

Connections that wait for a request are given up for new ones, the oldest first: those that never sent one, then those
of pages, then those of tills. So whoever opens many takes from himself, and a newcomer always gets in, unless all
that there are answer requests; of these the last ones are kept for uploads. Proxies that are trusted bound the
connections of their clients themselves.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from ipaddress import ip_address, ip_network
from typing import Protocol

import structlog
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ops.http.bounds import UPLOADS, Bounds

log = structlog.get_logger(__name__)

_SWEEP_S = 1.0
_TELL_EVERY_S = 60.0

_ALWAYS = (UPLOADS, "/healthz", "/readyz")

FRESH, PAGES, TILLS = 0, 1, 2
"""What a waiting connection sent last; in this order they are given up."""


class Connection(Protocol):
    """A client's connection: `late` says what it has not done in time."""

    late: str

    def is_late(self, now: float) -> bool: ...
    def end(self) -> None: ...


class Connections:
    """The connections of one server. `sweeping` looks after their times while the server runs."""

    def __init__(self, bounds: Bounds, trusted: Sequence[str] = ()) -> None:
        self.bounds = bounds
        self._trusted = [ip_network(network, strict=False) for network in trusted]
        self._open: dict[Connection, str] = {}
        self._by_address: Counter[str] = Counter()
        self._waiting: tuple[dict[Connection, None], ...] = ({}, {}, {})
        self._waiting_by_address: dict[str, dict[Connection, None]] = {}
        self._dropped: Counter[str] = Counter()
        self._told_at = float("-inf")

    def __len__(self) -> int:
        return len(self._open)

    def admit(self, connection: Connection, address: str) -> bool:
        """Takes a new connection in; False where there is no room for it."""
        many = self._by_address[address] >= self.bounds.per_address and not self._is_trusted(address)
        if many and not self._give_up_one_of(address):
            self.dropped("of one address")
            return False
        if len(self._open) >= self.bounds.connections and not self._give_up_one():
            self.dropped("in all")
            return False
        self._open[connection] = address
        self._by_address[address] += 1
        self.waits(connection, FRESH)
        return True

    def forget(self, connection: Connection) -> None:
        address = self._open.pop(connection, None)
        if address is None:
            return
        self.works(connection, address)
        self._by_address[address] -= 1
        if not self._by_address[address]:
            del self._by_address[address]

    def waits(self, connection: Connection, last: int) -> None:
        """From now on the connection waits for a request (more)."""
        if (address := self._open.get(connection)) is not None:
            self._waiting[last][connection] = None
            self._waiting_by_address.setdefault(address, {})[connection] = None

    def works(self, connection: Connection, address: str | None = None) -> None:
        """From now on it answers one."""
        for kind in self._waiting:
            kind.pop(connection, None)
        address = address or self._open.get(connection)
        if address is not None and (own := self._waiting_by_address.get(address)) is not None:
            own.pop(connection, None)
            if not own:
                del self._waiting_by_address[address]

    def dropped(self, why: str) -> None:
        """Counts a connection that was ended; told once a minute at the most."""
        self._dropped[why] += 1

    @contextlib.asynccontextmanager
    async def sweeping(self) -> AsyncIterator[None]:
        """Ends, while it is entered, what has had its time."""
        task = asyncio.create_task(self._sweep(), name="connections")
        try:
            yield
        finally:
            task.cancel()

    async def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SWEEP_S)
            now = loop.time()
            for connection in list(self._open):
                if not connection.is_late(now):
                    continue
                self.dropped(connection.late)
                connection.end()
            if self._dropped and now - self._told_at > _TELL_EVERY_S:
                self._told_at = now
                counts = {why.replace(" ", "_"): count for why, count in self._dropped.items()}
                log.warning("connections_dropped", open=len(self._open), **counts)
                self._dropped.clear()

    def _is_trusted(self, address: str) -> bool:
        try:
            return any(ip_address(address) in network for network in self._trusted)
        except ValueError:  # a local socket's
            return True

    def _give_up_one_of(self, address: str) -> bool:
        return self._give_up(self._waiting_by_address.get(address, {}), "given up for another of its address")

    def _give_up_one(self) -> bool:
        return any(self._give_up(kind, "given up for another") for kind in self._waiting)

    def _give_up(self, waiting: dict[Connection, None], why: str) -> bool:
        for connection in waiting:
            self.dropped(why)
            connection.end()
            self.forget(connection)
            return True
        return False


class Reserve:
    """Answers a page 503 where only connections are left that are kept for uploads."""

    def __init__(self, app: ASGIApp, bounds: Bounds) -> None:
        self._app = app
        self._most = bounds.connections - bounds.reserve
        self._pages = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_ALWAYS):
            return await self._app(scope, receive, send)
        if self._pages >= self._most:
            busy = PlainTextResponse("busy\n", 503, {"Retry-After": "5", "Connection": "close"})
            return await busy(scope, receive, send)
        self._pages += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._pages -= 1
