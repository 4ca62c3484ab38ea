"""The workload in Kafka: uploads of many sales as `anonymise` writes them, or one event per record.

Sales come from `producers.simulator.bulk` (seeded): three lines, one or two payments, 2 % returns, 5,000 goods, 200
outlets. Partitions are chosen as Kafka's own default partitioner does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import msgspec
from aiokafka import AIOKafkaProducer
from msgspec import Raw, Struct

from producers.simulator.bulk import BulkUpload, bulk
from schemas import brokers, records
from schemas.events import SaleRegistered
from schemas.log import MAX_RECORD_BYTES
from schemas.records import UploadRecord

SEED = 7
GOODS = 5000
OUTLETS = 200


class Shape(Struct, frozen=True):
    """How many sales, in uploads of how many events; `half_in_one`: one outlet has half of everything."""

    sales: int
    per_upload: int = 100
    half_in_one: bool = False
    outlets: int = OUTLETS
    seed: int = SEED

    def uploads(self) -> Iterator[BulkUpload]:
        return bulk(
            self.seed,
            self.sales,
            self.outlets,
            goods=GOODS,
            per_upload=self.per_upload,
            half_in_one=self.half_in_one,
        )


class Filled(Struct, frozen=True):
    """A topic with a workload in it."""

    topic: str
    partitions: int
    records: int
    events: int
    sales: int
    bytes: int


class SingleEvent(Struct, frozen=True):
    """A record of the plain way: one event each, with what it needs to stand alone."""

    outlet: str
    till: str
    zone: str
    event: Raw


def fill(
    kafka: str, topic: str, partitions: int, shape: Shape, *, one_event_each: bool = False, as_sent: bool = False
) -> Filled:
    """Writes the workload into an existing, empty topic.

    `as_sent` leaves out what `anonymise` would write out (defaults): the rows are the same, and it is quicker done.
    """
    return asyncio.run(_fill(kafka, topic, partitions, shape, one_event_each, as_sent))


async def _fill(kafka: str, topic: str, partitions: int, shape: Shape, one_event_each: bool, as_sent: bool) -> Filled:
    producer = AIOKafkaProducer(
        **brokers.options(kafka),
        acks="all",
        enable_idempotence=True,
        compression_type="lz4",
        linger_ms=20,
        max_batch_size=512 * 1024,
        max_request_size=MAX_RECORD_BYTES,
    )
    count = events = size = 0
    form = _sent if as_sent else _normal
    await producer.start()
    try:
        sent = None
        for upload in shape.uploads():
            events += upload.count
            for value in _single(upload) if one_event_each else [form(upload)]:
                headers = None if one_event_each else [*upload.headers(), ("source_offset", b"%d" % count)]
                sent = await producer.send(topic, value, key=upload.outlet.encode(), headers=headers)
                count += 1
                size += len(value)
        if sent is not None:
            await sent
        await producer.flush()
    finally:
        await producer.stop()
    return Filled(topic, partitions, count, events, shape.sales, size)


def _normal(upload: BulkUpload) -> bytes:
    """The record in the form in which `anonymise` leaves it: every default written out."""
    return records.encode(records.decode(msgspec.json.encode(upload.record())))


def _sent(upload: BulkUpload) -> bytes:
    return msgspec.json.encode(upload.record())


def _single(upload: BulkUpload) -> Iterator[bytes]:
    record = records.decode(msgspec.json.encode(upload.record()))
    assert isinstance(record, UploadRecord)
    for event in record.events:
        yield msgspec.json.encode(SingleEvent(record.outlet, record.till, record.zone, Raw(msgspec.json.encode(event))))


def lines(shape: Shape) -> Iterator[bytes]:
    """For a log that is not Kafka's: run, number in the run and event, with tabs between."""
    for upload in shape.uploads():
        for number, value in enumerate(_single(upload), start=upload.first_seq):
            yield b"%b\t%d\t%b\n" % (upload.run.encode(), number, value)


def sales_in(upload: BulkUpload) -> int:
    """How many of an upload's events are sales."""
    record = records.decode(msgspec.json.encode(upload.record()))
    assert isinstance(record, UploadRecord)
    return sum(isinstance(event, SaleRegistered) for event in record.events)
