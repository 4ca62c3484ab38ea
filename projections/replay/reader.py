"""Reads spans of the `events` topic with plain aiokafka: no consumer group, no commits, only what is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime, timedelta
from types import TracebackType

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from projections.logs import topic_ids
from schemas import brokers
from schemas.errors import InfrastructureUnreachable, WebOfficeError
from schemas.log import LogRecord

# A record holds up to 8 MiB; Kafka gives a larger one than asked for where it comes first, so these only bound memory.
_FETCH_BYTES = 16 * 1024 * 1024
_PARTITION_FETCH_BYTES = 256 * 1024  # as compressed; what was fetched ahead waits in memory at ten times the size
_START_TIMEOUT_S = 20.0
_STALLED_AFTER_S = 60.0


class LogCut(WebOfficeError):
    """The beginning of the log is gone: what it held cannot be folded again."""


class LogReader:
    """A reader of one topic, an async context manager. Raises `InfrastructureUnreachable` where Kafka fails."""

    def __init__(self, kafka: str, topic: str) -> None:
        self._kafka = kafka
        self._topic = topic
        self._consumer: AIOKafkaConsumer | None = None
        self._partitions: list[int] = []
        self.topic_id = ""
        """Which topic is read, once entered."""

    async def __aenter__(self) -> LogReader:
        # One that is subscribed learns of the partitions; reading wants one that is assigned what it is told.
        scout = await self._started(AIOKafkaConsumer(self._topic, **brokers.options(self._kafka)))
        self._partitions = sorted(scout.partitions_for_topic(self._topic))
        await scout.stop()
        self._consumer = await self._started(
            AIOKafkaConsumer(
                **brokers.options(self._kafka),
                enable_auto_commit=False,
                auto_offset_reset="none",  # an offset that is gone is an error, never passed over
                fetch_max_bytes=_FETCH_BYTES,
                max_partition_fetch_bytes=_PARTITION_FETCH_BYTES,
                client_id="weboffice replay",
            )
        )
        found = (await topic_ids.ask(self._consumer._client, [self._topic])).get(self._topic)
        self.topic_id = found.topic_id if found else ""
        return self

    async def _started(self, consumer: AIOKafkaConsumer) -> AIOKafkaConsumer:
        try:
            await asyncio.wait_for(consumer.start(), _START_TIMEOUT_S)
        except (KafkaError, OSError, TimeoutError) as exc:
            await consumer.stop()
            raise InfrastructureUnreachable(f"Kafka at {self._kafka} gives no topic {self._topic}") from exc
        return consumer

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._consumer is not None:
            await self._consumer.stop()

    async def ends(self) -> dict[int, int]:
        """The end offset of every partition: that of the record to come next."""
        found = await self._connected().end_offsets(self._all())
        return {partition.partition: offset for partition, offset in found.items()}

    async def ends_at(self, moment: datetime) -> dict[int, int]:
        """The end offsets as the log stood at a moment: all records appended (log append time) up to it lie below."""
        after = int(moment.timestamp() * 1000) + 1  # Kafka keeps milliseconds
        found = await self._connected().offsets_for_times(dict.fromkeys(self._all(), after))
        ends = await self.ends()
        return {p.partition: at.offset if at else ends[p.partition] for p, at in found.items()}

    async def starts(self) -> dict[int, int]:
        """The first offset that every partition still holds."""
        found = await self._connected().beginning_offsets(self._all())
        return {partition.partition: offset for partition, offset in found.items()}

    async def check_whole(self) -> None:
        """Raises `LogCut` where a partition no longer begins at 0."""
        for partition, offset in (await self.starts()).items():
            if offset > 0:
                raise LogCut(f"partition {partition} of {self._topic} begins at {offset}")

    @property
    def partitions(self) -> list[int]:
        return self._partitions

    async def read(
        self, spans: Mapping[int, tuple[int, int]], max_records: int = 500
    ) -> AsyncIterator[dict[int, list[LogRecord]]]:
        """The records of partition → [from, to), each partition's in order, as they come in."""
        consumer = self._connected()
        left = {partition: span for partition, span in spans.items() if span[0] < span[1]}
        if not left:
            return
        consumer.assign([TopicPartition(self._topic, partition) for partition in left])
        for partition, (start, _) in left.items():
            consumer.seek(TopicPartition(self._topic, partition), start)
        quiet_since = datetime.now(UTC)
        while left:
            fetched = await consumer.getmany(timeout_ms=1000, max_records=max_records)
            records = {
                partition.partition: [_record(found) for found in batch if found.offset < left[partition.partition][1]]
                for partition, batch in fetched.items()
                if partition.partition in left
            }
            records = {partition: batch for partition, batch in records.items() if batch}
            if records:
                yield records
                quiet_since = datetime.now(UTC)
            elif datetime.now(UTC) - quiet_since > timedelta(seconds=_STALLED_AFTER_S):
                raise InfrastructureUnreachable(f"Kafka gave no record of {self._topic} for {_STALLED_AFTER_S:.0f} s")
            for partition, batch in records.items():
                if batch[-1].offset + 1 >= left[partition][1]:
                    del left[partition]
                    consumer.pause(TopicPartition(self._topic, partition))

    def _all(self) -> list[TopicPartition]:
        return [TopicPartition(self._topic, partition) for partition in self._partitions]

    def _connected(self) -> AIOKafkaConsumer:
        assert self._consumer is not None, "enter the reader first"
        return self._consumer


def _record(found: ConsumerRecord) -> LogRecord:
    return LogRecord(
        partition=found.partition,
        offset=found.offset,
        key=found.key,
        value=found.value,
        headers=found.headers,
        timestamp=datetime.fromtimestamp(found.timestamp / 1000, UTC),
    )
