"""The agent `anonymise`: copies `uploads` into `events`, one record for one, without the names of people."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Mapping, Sequence

import faust
import structlog
from aiokafka import AIOKafkaProducer, ConsumerRecord

from projections.logs.faults import Position
from schemas import brokers, records
from schemas.errors import RecordUnreadable, WebOfficeError
from schemas.failpoints import fail_point
from schemas.log import MAX_RECORD_BYTES, LogRecord
from schemas.records import Unreadable
from schemas.tally import Told
from schemas.topics import Topics
from streams import output_tail
from streams.app import make_app
from streams.lag import Progress
from streams.privacy import minimised, publishable

log = structlog.get_logger(__name__)


class SourceHole(WebOfficeError):
    """Records between the last one copied and the next one read are gone from the intake topic."""


def anonymise_app(kafka: str, topics: Topics, progress: Progress) -> faust.App:
    """The worker `anonymise`."""
    copier = Copier(kafka, topics)
    return make_app(f"{topics.prefix}anonymise", kafka, topics.uploads, copier, progress)


class Copier:
    """Writes each record's copy to the partition of the same number, in order, acknowledged by all replicas."""

    def __init__(self, kafka: str, topics: Topics) -> None:
        self._kafka = kafka
        self._topics = topics
        self._producer: AIOKafkaProducer | None = None
        self._expected: dict[int, int] = {}  # partition → the source offset that comes next
        self._topic_id = ""
        self._told = Told(log, "copied_counts")

    async def positions(self, partitions: Sequence[int]) -> Mapping[int, Position]:
        return await output_tail.copied_through(self._kafka, self._topics.events, partitions)

    def mark_of(self, record: ConsumerRecord) -> Hashable:
        return output_tail.mark_of(record)

    def start(self, offsets: Mapping[int, int], topic_id: str) -> None:
        self._expected = dict(offsets)
        self._topic_id = topic_id

    async def handle(self, batch: Sequence[LogRecord]) -> None:
        """Raises `SourceHole`, and aiokafka's errors: the outcome is unknown then and the tail decides at restart."""
        started = time.monotonic()
        pending = []
        done: dict[int, int] = {}
        for record in batch:
            partition, offset = record.partition, record.offset
            expected = done.get(partition, self._expected.get(partition, 0))
            if offset > expected:
                raise SourceHole(f"{self._topics.uploads}/{partition}: {offset} was read, {expected} comes next")
            if offset == expected:
                fail_point("anonymise.before_send")
                pending.append(await self._copy(record))
                done[partition] = offset + 1
        await asyncio.gather(*pending)
        fail_point("anonymise.after_send")
        for partition, offset in done.items():
            self._expected[partition] = max(offset, self._expected.get(partition, 0))
        offsets = {p: o - 1 for p, o in done.items()}
        self._told(
            "batch_copied", started, {"batches": 1, "records": len(pending)}, records=len(pending), offsets=offsets
        )

    async def _copy(self, record: LogRecord) -> asyncio.Future[object]:
        said = records.origin(record.headers, record.key)
        try:
            value = records.encode(minimised(records.decode(record.value)))
        except RecordUnreadable as exc:
            await self._keep_raw(record)
            log.error("unreadable", partition=record.partition, offset=record.offset, run=said.run)
            value = records.encode(
                Unreadable(
                    said.outlet, said.till, said.run, said.first_seq, said.count, record.offset, publishable(str(exc))
                )
            )
        return await self._send(self._topics.events, record, value)

    async def _keep_raw(self, record: LogRecord) -> None:
        """The bytes as they came stay in an intake topic until the record is resolved."""
        sent = await self._send(self._topics.unreadable, record, record.value)
        await sent

    async def _send(self, topic: str, source: LogRecord, value: bytes | None) -> asyncio.Future[object]:
        if self._producer is None:
            self._producer = AIOKafkaProducer(
                **brokers.options(self._kafka),
                enable_idempotence=True,
                acks="all",
                compression_type="lz4",
                max_request_size=MAX_RECORD_BYTES,
                request_timeout_ms=30_000,
                client_id="weboffice anonymise",
            )
            await self._producer.start()
        kept = [(name, said) for name, said in source.headers if name not in output_tail.SOURCE_HEADERS]
        where = output_tail.source_headers(source.offset, self._topic_id)
        return await self._producer.send(  # type: ignore[no-any-return]
            topic, value, source.key, source.partition, headers=[*kept, *where]
        )
