"""What a worker holds of its topic before working on it: bounded by bytes, since a record may have 100 or 8 million.

Faust bounds its buffers by a number of records. It also pauses a partition whose buffer is nearly full, and sleeps for
a second where all of them are paused, however soon there is room again; here its fetcher waits for room instead.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from faust.types import EventT
from mode.utils.queues import ThrowableQueue

Event = EventT[Any]
"""a record in Faust's hands"""

MOST_RECORDS = 500
"""Of a batch, and waiting in Faust's queue."""
MOST_BYTES = 2 * 1024 * 1024
"""Of the same; one record more may come on top, whatever its size."""


class BacklogQueue(ThrowableQueue[Event]):
    """The queue between Faust's fetcher and a stream."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._bytes = 0

    def full(self) -> bool:
        return _enough(self.qsize(), self._bytes)

    def in_pressure_high_state(self, callback: Callable[[], None]) -> bool:
        return False

    def clear(self) -> None:
        super().clear()
        self._bytes = 0

    def _put(self, item: Event) -> None:
        super()._put(item)
        self._bytes += size(item)

    def _get(self) -> Event:
        item: Event = super()._get()
        self._bytes -= size(item)
        return item


class Batches:
    """Gathers what comes into batches: full ones, or what came in `within` seconds."""

    def __init__(self, within: float) -> None:
        self._within = within
        self._waiting: list[Event] = []
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._full = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._taking = True

    async def of(self, events: AsyncIterator[Event]) -> AsyncGenerator[list[Event], None]:
        """The batches of `events`, until these end; raises what they raise."""
        filler = asyncio.create_task(self._fill(events))
        try:
            while self._waiting or not filler.done():
                await self._arrived.wait()
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._within):
                        await self._full.wait()
                if batch := self._take():
                    yield batch
            filler.result()
        finally:
            filler.cancel()

    def shut(self) -> None:
        """Forgets what was not given out yet, and whatever comes before `open`: whose turn it is now, reads it again.

        Faust empties its queue when partitions are taken away, yet one record may be on its way into it. Taken, it
        would stand before those that are read anew.
        """
        self._taking = False
        self._take()

    def open(self) -> None:
        """What comes from here on was read from the positions on."""
        self._taking = True

    async def _fill(self, events: AsyncIterator[Event]) -> None:
        try:
            async for event in events:
                if not self._taking:
                    continue
                self._waiting.append(event)
                self._bytes += size(event)
                self._arrived.set()
                if _enough(len(self._waiting), self._bytes):
                    self._full.set()
                    self._room.clear()
                await self._room.wait()  # before the next one is taken: none is ever held outside of `_waiting`
        finally:
            self._arrived.set()
            self._full.set()

    def _take(self) -> list[Event]:
        batch, self._waiting, self._bytes = self._waiting, [], 0
        self._arrived.clear()
        self._full.clear()
        self._room.set()
        return batch


def _enough(records: int, held: int) -> bool:
    """Whether so many records with so many bytes are as many as are held at one time."""
    return records >= MOST_RECORDS or held >= MOST_BYTES


def size(event: Event) -> int:
    """Bytes of a record's value."""
    return len(event.message.value or b"")
