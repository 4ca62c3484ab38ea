"""Puts the records of a backup into an empty log, each with the append time that it had.

The topic takes the producer's times (`CreateTime`) until all records are there, then the broker's again
(`LogAppendTime`): reports 'as the log stood then' go by these times. The order of a partition is that of the backup,
and with the same number of partitions so are the offsets. A restore that was killed goes on: what is there is a
beginning.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, for_code
from msgspec import Struct

from ops import topics
from ops.backup.archive import Archive
from ops.backup.form import Entry
from ops.settings import Settings
from projections.logs.examine import peek, peeker
from projections.replay.reader import LogReader
from schemas import brokers
from schemas.errors import InfrastructureUnreachable, UsageError
from schemas.failpoints import fail_point
from schemas.log import MAX_RECORD_BYTES, partition_of
from schemas.records import origin

_PENDING = 100
_PENDING_BYTES = 32 * 1024 * 1024
_ADOPTED = "log.adopted"


_TIMES = {
    "message.timestamp.type": "CreateTime",
    "message.timestamp.after.max.ms": str(2**63 - 1),  # the earlier broker's clock may have been ahead of this one's
}
_GONE_S = 30.0


async def check_empty(kafka: str, settings: Settings) -> None:
    """Raises `UsageError` where a topic of the log holds, or held, a record."""
    async with _admin(kafka) as admin:
        present = set(await admin.list_topics())
    for name in sorted(present & {settings.topics.events, settings.topics.uploads, settings.topics.unreadable}):
        async with LogReader(kafka, name) as log:
            if any((await log.ends()).values()):
                raise UsageError(f"the topic {name} holds records: a backup is restored into an empty Kafka only")


async def restore(kafka: str, settings: Settings, archive: Archive, progress: Callable[[int], None]) -> int:
    """Returns how many records the log has. `progress`: records so far. Raises `InfrastructureUnreachable`.

    Topics without a record are made anew: where a topic that is there is told to keep the producer's times, a broker
    may go on giving its own for a moment.
    """
    there = await _there(kafka, settings)
    if not any(there.values()):
        await _delete(kafka, settings)
    await topics.ensure(kafka, settings, events=_TIMES)
    written = await _write(kafka, settings, archive, there, progress)
    ends = await _there(kafka, settings)
    if ends != dict.fromkeys(ends, 0) | {number: part.count for number, part in written.items()}:
        raise UsageError("somebody else writes to the log: stop the service while a backup is restored")
    await _check_times(kafka, settings, written)
    await _let_broker_give_times(kafka, settings)
    return sum(part.count for part in written.values())


async def _there(kafka: str, settings: Settings) -> dict[int, int]:
    """Partition → how many records `events` has; nothing where it is not there."""
    async with _admin(kafka) as admin:
        if settings.topics.events not in set(await admin.list_topics()):
            return {}
    async with LogReader(kafka, settings.topics.events) as log:
        return await log.ends()


async def _delete(kafka: str, settings: Settings) -> None:
    ours = {settings.topics.events, settings.topics.uploads, settings.topics.unreadable}
    async with _admin(kafka) as admin, asyncio.timeout(_GONE_S):
        if present := ours & set(await admin.list_topics()):
            await admin.delete_topics(sorted(present))
            while ours & set(await admin.list_topics()):  # noqa: ASYNC110  # the broker has no event for it
                await asyncio.sleep(0.05)


class _Written(Struct):
    """Of a partition: how many records, and the append times of the first and the last one."""

    count: int = 0
    first_ms: int = 0
    last_ms: int = 0


async def _check_times(kafka: str, settings: Settings, written: dict[int, _Written]) -> None:
    consumer = peeker(kafka)
    await consumer.start()
    try:
        for number, part in written.items():
            place = TopicPartition(settings.topics.events, number)
            for offset, expected in ((0, part.first_ms), (part.count - 1, part.last_ms)):
                async with asyncio.timeout(_GONE_S):
                    found = (await peek(consumer, {place: offset}))[place].timestamp
                if found != expected:
                    raise UsageError(
                        f"partition {number} of {place.topic} did not keep the time of the record at {offset}: empty"
                        " Kafka and PostgreSQL and begin again"
                    )
    finally:
        await consumer.stop()


async def _write(
    kafka: str, settings: Settings, archive: Archive, there: dict[int, int], progress: Callable[[int], None]
) -> dict[int, _Written]:
    """Partition → its records in all; those that are there already are passed over."""
    written: dict[int, _Written] = {}
    pending: list[asyncio.Future[object]] = []
    size = count = 0
    async with _producer(kafka) as producer:
        for partition, entry in _placed(archive, settings.partitions):
            part = written.setdefault(partition, _Written(first_ms=entry.appended_ms))
            offset, part.count, part.last_ms = part.count, part.count + 1, entry.appended_ms
            count += 1
            if offset < there.get(partition, 0):
                continue
            pending.append(
                await producer.send(
                    settings.topics.events,
                    entry.value,
                    entry.key,
                    partition,
                    timestamp_ms=entry.appended_ms,
                    headers=entry.headers,
                )
            )
            size += len(entry.value or b"")
            if len(pending) >= _PENDING or size >= _PENDING_BYTES:
                await asyncio.gather(*pending)
                pending, size = [], 0
                fail_point("restore.after_records")
                progress(count)
        await asyncio.gather(*pending)
    return written


def _placed(archive: Archive, partitions: int) -> Iterator[tuple[int, Entry]]:
    """All records, each with its partition, those of one partition in their order.

    With another number of partitions they go where their keys say, by append time. Decisions about a partition of the
    earlier log (`log.adopted`) then have no meaning any more; no event is in them.
    """
    numbers = sorted(archive.manifest.next_offsets)
    if len(numbers) == partitions:
        for number in numbers:
            for entry in archive.entries(number):
                yield number, entry
        return
    merged = heapq.merge(
        *(_numbered(archive, number) for number in numbers), key=lambda one: (one[0].appended_ms, one[1])
    )
    for entry, number in merged:
        if origin(entry.headers).kind != _ADOPTED:
            yield partition_of(entry.key, partitions) if entry.key else number % partitions, entry


def _numbered(archive: Archive, number: int) -> Iterator[tuple[Entry, int]]:
    for entry in archive.entries(number):
        yield entry, number


async def _let_broker_give_times(kafka: str, settings: Settings) -> None:
    """From now on `events` has the settings that it has anywhere."""
    name = settings.topics.events
    wanted = topics.configuration(settings.topics, settings.uploads_days, settings.replication)[name]
    async with _admin(kafka) as admin:
        for answer in await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, wanted)]):
            for code, message, *_ in answer.resources:
                if code:
                    raise for_code(code)(message or name)


@asynccontextmanager
async def _admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    admin = AIOKafkaAdminClient(**brokers.options(kafka), request_timeout_ms=10_000)
    try:
        await admin.start()
        yield admin
    except (KafkaError, OSError) as exc:
        raise InfrastructureUnreachable(f"Kafka at {brokers.addresses(kafka)}: {exc!r}") from exc
    finally:
        await admin.close()


@asynccontextmanager
async def _producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(
        **brokers.options(kafka),
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        max_request_size=MAX_RECORD_BYTES,
        max_batch_size=1024 * 1024,
        client_id="weboffice restore",
    )
    try:
        await producer.start()
        yield producer
    except (KafkaError, OSError) as exc:
        raise InfrastructureUnreachable(f"Kafka at {brokers.addresses(kafka)}: {exc!r}") from exc
    finally:
        await producer.stop()
