"""What a worker holds of its topic before working on it: bounded by bytes, since a record may have 100 or 8 million.

Faust hands on record by record, with four tasks for each. Here what one read from Kafka brought is handed on together,
as one message (`Read`), however many partitions it is of.

Faust bounds its buffers by a number of messages. It also pauses a partition whose buffer is nearly full, and sleeps for
a second where all of them are paused, however soon there is room again; here its fetcher waits for room instead.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator
from typing import Any

from faust.types import EventT
from mode.utils.queues import ThrowableQueue
from msgspec import Struct

from schemas.log import LogRecord

MOST_RECORDS = 500
"""Of a read, of a batch, and waiting in Faust's queue; of the last two, one read more may come on top."""
MOST_BYTES = 2 * 1024 * 1024
"""Of the same; one record more may come on top of a read, whatever its size."""


TURN_RECORDS, TURN_BYTES = 100, 256 * 1024
"""So much of one partition, and a record at least, before the next one of an answer has its turn."""


class Read(Struct, frozen=True):
    """Records that came together, in the order of each partition, and the bytes of their values."""

    records: list[LogRecord]
    size: int


Event = EventT[Read]
"""a read in Faust's hands"""


def reads(records: Iterable[LogRecord]) -> Iterator[Read]:
    """The records as reads of bounded size; each is asked for when its turn comes."""
    held: list[LogRecord] = []
    size = 0
    for record in records:
        held.append(record)
        size += len(record.value or b"")
        if _enough(len(held), size):
            yield Read(held, size)
            held, size = [], 0
    if held:
        yield Read(held, size)


def in_turn(partitions: Iterable[Iterable[LogRecord]]) -> Iterator[LogRecord]:
    """The records of several partitions, each in its order: who has much waits for who has little, not the other way
    round."""
    waiting = deque(map(iter, partitions))
    while waiting:
        partition = waiting.popleft()
        size = 0
        for count, record in enumerate(partition, 1):
            yield record
            size += len(record.value or b"")
            if count >= TURN_RECORDS or size >= TURN_BYTES:
                waiting.append(partition)
                break


class BacklogQueue(ThrowableQueue[Event]):
    """The queue between Faust's fetcher and a stream."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._records = self._bytes = 0

    def full(self) -> bool:
        return _enough(self._records, self._bytes)

    def in_pressure_high_state(self, callback: Callable[[], None]) -> bool:
        return False

    def clear(self) -> None:
        super().clear()
        self._records = self._bytes = 0

    def _put(self, item: Event) -> None:
        super()._put(item)
        self._count(item, 1)

    def _get(self) -> Event:
        item: Event = super()._get()
        self._count(item, -1)
        return item

    def _count(self, item: Event, sign: int) -> None:
        read: Any = item.message.value  # bytes, as Faust's types have it
        self._records += sign * len(read.records)
        self._bytes += sign * read.size


class Batches:
    """Gathers reads into batches: what came while the batch before was worked on, up to a bound."""

    def __init__(self) -> None:
        self._waiting: list[LogRecord] = []
        self._bytes = 0
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        self._taking = True

    async def of(self, reads: AsyncIterator[Read]) -> AsyncGenerator[list[LogRecord], None]:
        """The batches of `reads`, until these end; raises what they raise."""
        filler = asyncio.create_task(self._fill(reads))
        try:
            while self._waiting or not filler.done():
                await self._arrived.wait()
                if batch := self._take():
                    yield batch
            filler.result()
        finally:
            filler.cancel()

    @property
    def held(self) -> int:
        """Records that wait to be given out."""
        return len(self._waiting)

    def shut(self) -> None:
        """Forgets what was not given out yet, and whatever comes before `open`: whose turn it is now, reads it again.

        Faust empties its queue when partitions are taken away, yet one read may be on its way into it. Taken, it
        would stand before what is read anew.
        """
        self._taking = False
        self._take()

    def open(self) -> None:
        """What comes from here on was read from the positions on."""
        self._taking = True

    async def _fill(self, reads: AsyncIterator[Read]) -> None:
        try:
            async for read in reads:
                if not self._taking:
                    continue
                self._waiting += read.records
                self._bytes += read.size
                self._arrived.set()
                if _enough(len(self._waiting), self._bytes):
                    self._room.clear()
                await self._room.wait()  # before the next one is taken: none is ever held outside of `_waiting`
        finally:
            self._arrived.set()

    def _take(self) -> list[LogRecord]:
        batch, self._waiting, self._bytes = self._waiting, [], 0
        self._arrived.clear()
        self._room.set()
        return batch


def _enough(records: int, held: int) -> bool:
    """Whether so many records with so many bytes are as many as are held at one time."""
    return records >= MOST_RECORDS or held >= MOST_BYTES
