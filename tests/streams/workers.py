"""Real worker processes and what they read and write, for tests."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from ops.settings import Settings
from schemas import brokers, records
from schemas.events import ContactSaved
from schemas.records import UploadRecord
from schemas.topics import Topics

Raw = tuple[int | None, bytes | None, bytes | None, records.Headers]
"""partition (None: by the key), key, value, headers"""

PRESENT = ("-m", "ops")
OLDER = (
    "-c",
    "from schemas import upcasting; upcasting.VERSION = 1; upcasting._STEPS.clear(); from ops.cli import main; main()",
)
"""Arguments of Python: this program, and one from the time when there was no version 2 of a record."""


@contextlib.contextmanager
def worker(
    name: str, settings: Settings, log: Path, program: Sequence[str] = PRESENT
) -> Iterator[subprocess.Popen[bytes]]:
    """`weboffice work NAME` as its own process, of the present program or another one; ended at the end."""
    environment = {
        **os.environ,
        "WEBOFFICE_KAFKA": settings.kafka,
        "WEBOFFICE_POSTGRES": settings.postgres,
        "WEBOFFICE_TOPIC_PREFIX": settings.topics.prefix,
        "WEBOFFICE_LOG": "json",
    }
    with log.open("ab") as output:
        process = subprocess.Popen([sys.executable, *program, "work", name], env=environment, stderr=output)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def contact_upload(first_seq: int, name: str, outlet: str | None = None) -> UploadRecord:
    """An upload with one contact."""
    return UploadRecord(
        outlet=outlet or str(uuid4()),
        till=str(uuid4()),
        run=str(uuid4()),
        first_seq=first_seq,
        zone="Europe/Moscow",
        received_at=datetime(2026, 3, 2, tzinfo=UTC),
        events=[ContactSaved(datetime(2026, 3, 2, tzinfo=UTC), "c1", name, Decimal(1), Decimal(0), Decimal(0))],
    )


def raw(upload: UploadRecord, partition: int = 0) -> Raw:
    headers = records.headers(
        kind="upload",
        outlet=upload.outlet,
        till=upload.till,
        run=upload.run,
        first_seq=upload.first_seq,
        count=len(upload.events),
    )
    return partition, upload.outlet.encode(), records.encode(upload), headers


async def write(kafka: str, topic: str, messages: Sequence[Raw]) -> None:
    """Writes records and returns when they are acknowledged."""
    producer = AIOKafkaProducer(**brokers.options(kafka), enable_idempotence=True, max_request_size=20 * 2**20)
    await producer.start()
    try:
        for partition, key, value, headers in messages:
            await producer.send(topic, value, key, partition, headers=headers)
        await producer.flush()
    finally:
        await producer.stop()


async def read_all(kafka: str, topic: str, partitions: int = 3) -> list[ConsumerRecord]:
    """Every record that is there now."""
    consumer = AIOKafkaConsumer(**brokers.options(kafka), auto_offset_reset="earliest")
    await consumer.start()
    try:
        assigned = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(assigned)
        ends = await consumer.end_offsets(assigned)
        found: list[ConsumerRecord] = []
        for partition, end in ends.items():
            while await consumer.position(partition) < end:
                for batch in (await consumer.getmany(partition, timeout_ms=1000)).values():
                    found += batch
        return found
    finally:
        await consumer.stop()


def all_topics(topics: Topics) -> list[str]:
    return [topics.uploads, topics.events, topics.unreadable]
