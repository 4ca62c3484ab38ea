"""Tells open pages that their outlets have new data: one LISTEN connection per process, fanned out to every page.

The engine notifies in the transaction of each batch, so a page that is told finds the new figures. A page is told that
there is something new, never what: it fetches itself again, under its own session. Bursts are told once. Without the
stream (a proxy that cuts it, no more connections) the page's script asks again by itself from time to time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Hashable
from types import TracebackType

import psycopg
import structlog

log = structlog.get_logger(__name__)

_CALM_S = 1.0
"""Between two tellings of one page at the least."""
_HEARTBEAT_S = 20.0
_LONGEST_S = 600.0
"""A stream ends after this, and the browser comes again with its session checked anew."""
_AGAIN_S = 2.0
MOST_STREAMS = 10
"""Of a session at a time."""


class Live:
    """The fan-out. Pages `subscribe` with the outlets they may see."""

    def __init__(self, postgres: str) -> None:
        self._postgres = postgres
        self._pages: dict[asyncio.Event, frozenset[str]] = {}
        self._streams: dict[Hashable, dict[asyncio.Event, asyncio.Event]] = {}
        self._listener: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()
        self.listening = asyncio.Event()

    async def __aenter__(self) -> Live:
        self._listener = asyncio.create_task(self._listen_on())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    def close(self) -> None:
        """Ends every stream, so that a server that waits for its connections can stop."""
        self._closing.set()
        for news in self._pages:
            news.set()

    async def _listen_on(self) -> None:
        while True:
            try:
                await self._listen()
            except psycopg.Error as exc:
                self.listening.clear()
                log.warning("live updates wait for PostgreSQL", error=type(exc).__name__)
                await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        async with await psycopg.AsyncConnection.connect(
            self._postgres, autocommit=True, application_name="weboffice live"
        ) as connection:
            await connection.execute("LISTEN weboffice_outlets")
            self.listening.set()
            for news in self._pages:  # something may have happened while nobody listened
                news.set()
            async for notification in connection.notifies():
                for news, seen in self._pages.items():
                    if notification.payload in seen:
                        news.set()

    async def news(self, outlet_ids: Collection[str], session: Hashable = None) -> AsyncIterator[bytes]:
        """A stream of server-sent events: `outlets` whenever one of these outlets has new data.

        A session has so many at a time; one more ends its oldest, whose page then asks from time to time.
        """
        news, ended = asyncio.Event(), asyncio.Event()
        self._pages[news] = frozenset(outlet_ids)
        streams = self._streams.setdefault(session, {})
        streams[news] = ended
        if len(streams) > MOST_STREAMS:
            oldest = next(iter(streams))
            streams.pop(oldest).set()
            oldest.set()
        loop = asyncio.get_running_loop()
        end = loop.time() + _LONGEST_S
        try:
            yield b"retry: 3000\nevent: open\ndata:\n\n"
            while loop.time() < end and not self._closing.is_set() and not ended.is_set():
                try:
                    await asyncio.wait_for(news.wait(), _HEARTBEAT_S)
                except TimeoutError:
                    yield b":\n\n"
                    continue
                if self._closing.is_set() or ended.is_set():
                    return
                news.clear()
                yield b"event: outlets\ndata:\n\n"
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._closing.wait(), _CALM_S)
        finally:
            del self._pages[news]
            streams.pop(news, None)
            if not streams and self._streams.get(session) is streams:
                del self._streams[session]
