"""Going on with copying where it stopped: a decision, written into `events` where the next copy would stand.

The tail of `events` is the position of copying (`streams.output_tail`), so the decision is recorded and takes effect in
one step. Copying goes on where nothing acknowledged can be passed over; what is copied twice is a duplicate.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec import Struct

from projections.logs.examine import peek, peeker
from projections.logs.faults import Fault
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.records import LogAdopted, encode
from schemas.topics import Topics
from streams.output_tail import copied_through, examine_copying, next_source_offsets

_TIMEOUT_S = 60.0
_IDLE_S = 30.0
_CLOCK_MS = 10 * 60 * 1000
"""Where a log lost its end, what was appended so long before the last copy is copied again: clocks are set at times."""


class WentOn(Struct, frozen=True):
    """A decision. `copied_at`: when the last record was copied before it, None where none was.

    `first_left_at`: when the first record was appended that copying goes on with, None where there is none yet.
    """

    decision: LogAdopted
    copied_at: datetime | None
    first_left_at: datetime | None


async def decide(kafka: str, topics: Topics, faults: Sequence[Fault], reason: str, now: datetime) -> list[WentOn]:
    """Where copying is to go on after each fault of `uploads`. Raises `InfrastructureUnreachable`."""
    async with _connected(kafka) as (consumer, _):
        return [await _decided(consumer, topics, fault, reason, now) for fault in faults]


async def write(kafka: str, topics: Topics, decided: Sequence[WentOn]) -> None:
    """Writes the decisions, which take effect by that. Raises `InfrastructureUnreachable`: once more does no harm."""
    async with _connected(kafka) as (_, producer):
        for one in decided:
            await _record(producer, topics, one.decision)


async def record(kafka: str, topics: Topics, faults: Sequence[Fault], reason: str, now: datetime) -> None:
    """Writes down that the faults of `events` were decided; copying goes on where it is. Raises as `write` does."""
    copied = await copied_through(kafka, topics.events, [fault.partition for fault in faults])
    async with _connected(kafka) as (_, producer):
        for fault in faults:
            at = copied[fault.partition]
            await _record(producer, topics, _decision("events", fault, reason, now, at.topic_id, at.next_offset))


async def wait_until_copied(kafka: str, topics: Topics, partitions: Sequence[int]) -> bool:
    """Whether everything that `uploads` holds now gets copied; False where nothing has been for a while."""
    found = await examine_copying(kafka, topics, partitions)
    ends = {partition: span.end for partition, span in found.spans.items()}
    copied: dict[int, int] = {}
    since = asyncio.get_running_loop().time()
    while asyncio.get_running_loop().time() - since < _IDLE_S:
        now = await next_source_offsets(kafka, topics.events, partitions)
        if all(now[partition] >= end for partition, end in ends.items()):
            return True
        if now != copied:
            copied, since = now, asyncio.get_running_loop().time()
        await asyncio.sleep(1)
    return False


@contextlib.asynccontextmanager
async def _connected(kafka: str) -> AsyncIterator[tuple[AIOKafkaConsumer, AIOKafkaProducer]]:
    consumer = peeker(kafka)
    producer = AIOKafkaProducer(
        **brokers.options(kafka), enable_idempotence=True, acks="all", client_id="weboffice decision"
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await consumer.start()
            await producer.start()
            yield consumer, producer
    except (KafkaError, OSError, TimeoutError) as exc:
        raise InfrastructureUnreachable(f"Kafka: {exc!r}") from exc
    finally:
        await consumer.stop()
        await producer.stop()


async def _record(producer: AIOKafkaProducer, topics: Topics, decision: LogAdopted) -> None:
    headers = [("kind", b"log.adopted")]
    await producer.send_and_wait(topics.events, encode(decision), partition=decision.partition, headers=headers)


async def _decided(consumer: AIOKafkaConsumer, topics: Topics, fault: Fault, reason: str, now: datetime) -> WentOn:
    source, copies = TopicPartition(fault.topic, fault.partition), TopicPartition(topics.events, fault.partition)
    copied_ms = await _last_appended(consumer, copies)
    following = fault.start
    if fault.kind in ("shorter", "rewritten") and copied_ms is not None:
        after = copied_ms - _CLOCK_MS
        at = (await consumer.offsets_for_times({source: after}))[source]
        following = min(fault.end if at is None else at.offset, fault.next_offset)
    first_left = await peek(consumer, {source: following} if following < fault.end else {})
    decision = _decision("uploads", fault, reason, now, fault.topic_id, following)
    return WentOn(decision, _moment(copied_ms), _moment(first_left[source].timestamp if first_left else None))


def _decision(topic: str, fault: Fault, reason: str, now: datetime, source_id: str, source_next: int) -> LogAdopted:
    return LogAdopted(
        topic=topic,
        partition=fault.partition,
        fault=fault.kind,
        was_id=fault.was_id,
        was_next=fault.next_offset,
        topic_id=fault.topic_id,
        start=fault.start,
        end=fault.end,
        source_id=source_id,
        source_next=source_next,
        reason=reason,
        decided_at=now,
    )


async def _last_appended(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    end = (await consumer.end_offsets([partition]))[partition]
    if end == 0:
        return None
    return int((await peek(consumer, {partition: end - 1}))[partition].timestamp)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
