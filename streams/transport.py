"""A Faust transport that reads as our workers need it: from where we say, many records as one message, few requests.

- Each partition starts at our position, not where Kafka's committed offset is. Faust's signals fire before its own seek
  and are overwritten by it, so the seek itself is replaced (docs/decisions/0003-faust-is-the-host.md).
- What one request brought is one message for Faust (`streams.batching.Read`).
- While records come, Kafka gathers them for a moment before it answers; a record after a pause is answered at once
  (docs/decisions/0220-records-are-gathered-by-kafka.md).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from aiokafka import ConsumerRecord
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from faust.types.transports import SchedulingStrategyT
from faust.types.tuples import ConsumerMessage

from schemas.log import LogRecord
from streams.batching import Read, in_turn, reads

Positions = Callable[[Sequence[int]], Awaitable[Mapping[int, int]]]
"""partitions → the next offset of each"""

GATHERED_BYTES = 32 * 1024
"""While records come, an answer of Kafka holds so many bytes, or what came in so many milliseconds."""
GATHERED_MS = 50
_FIRST_BYTES, _FIRST_MS = 1, 1500
"""The same after a pause: the first record is answered at once."""
_PAUSE_S = 0.1
"""So long without a record is a pause."""


class Together(SchedulingStrategyT):
    """Faust's order of records, for a whole answer of Kafka: its partitions in turn, as few messages.

    An answer may hold 4 MB of one partition, packed: the backlog of an outage. The others do not wait for all of it.
    """

    def __init__(self) -> None: ...

    def iterate(self, records: Mapping[TP, Sequence[ConsumerRecord]]) -> Iterator[tuple[TP, Any]]:
        partitions = {partition.partition: partition for partition in records}
        for read in reads(in_turn(map(_log_record, batch) for batch in records.values())):
            yield partitions[read.records[-1].partition], read


class _GatheringThread(driver.AIOKafkaConsumerThread):
    async def _fetch_records(
        self, consumer: Any, active_partitions: Any, timeout: float | None = None, max_records: int | None = None
    ) -> Any:
        fetcher = consumer._fetcher
        gathers = fetcher._fetch_min_bytes > _FIRST_BYTES
        found = await super()._fetch_records(
            consumer, active_partitions, timeout=_PAUSE_S if gathers else timeout, max_records=max_records
        )
        # aiokafka has no setting for it; its next request goes out after this, as all of the last answer is taken now.
        fetcher._fetch_min_bytes, fetcher._fetch_max_wait_ms = (
            (GATHERED_BYTES, GATHERED_MS) if found else (_FIRST_BYTES, _FIRST_MS)
        )
        return found


def transport_from(
    positions: Positions, reads_on: Callable[[], None], done: Callable[[], Mapping[int, int]]
) -> type[driver.Transport]:
    """A transport class that asks `positions` at each assignment, and calls `reads_on` once it reads from there.

    `done` are the next offsets of what was worked on, told to Kafka now and then.
    """

    class PositionedConsumer(driver.Consumer):
        def _new_consumer_thread(self) -> _GatheringThread:
            return _GatheringThread(self, loop=self.loop, beacon=self.beacon)

        async def seek_to_committed(self) -> Mapping[TP, int]:
            assigned = {tp.partition: tp for tp in self.assignment()}
            if not assigned:
                return {}
            starts = await positions(sorted(assigned))
            offsets = {assigned[partition]: offset for partition, offset in starts.items()}
            await self.seek_wait(offsets)
            reads_on()
            return offsets

        async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
            """A hint for tools that show a group's lag; our positions are elsewhere."""
            offsets = done()
            assigned = {tp: offsets[tp.partition] for tp in self.assignment() if tp.partition in offsets}
            moved = {tp: offset for tp, offset in assigned.items() if self._should_commit(tp, offset)}
            return bool(moved) and await self._commit_offsets(moved, start_new_transaction)

        def _to_message(self, tp: TP, record: Read) -> ConsumerMessage:
            last = record.records[-1]
            return ConsumerMessage(
                tp.topic,
                tp.partition,
                last.offset,
                last.timestamp.timestamp(),
                0,
                None,
                None,
                record,  # type: ignore[arg-type]  # the codec `raw` leaves as it is what is no text
                None,
                0,
                record.size,
                tp,
                generation_id=self.app.consumer_generation_id,
            )

    class PositionedTransport(driver.Transport):
        Consumer = PositionedConsumer

    return PositionedTransport


def _log_record(record: ConsumerRecord) -> LogRecord:
    return LogRecord(
        partition=record.partition,
        offset=record.offset,
        key=record.key,
        value=record.value,
        headers=list(record.headers),
        timestamp=datetime.fromtimestamp(record.timestamp / 1000, UTC),
    )
