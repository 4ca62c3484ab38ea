"""Going on with copying where it stopped: a decision, written into `events` where the next copy would stand.

The tail of `events` is the position of copying (`streams.output_tail`), so the decision is recorded and takes effect in
one step. Copying goes on where nothing acknowledged can be passed over; what is copied twice is a duplicate.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from msgspec import Struct

from projections.logs.examine import peek, peeker
from projections.logs.faults import Fault
from schemas.errors import InfrastructureUnreachable
from schemas.records import LogAdopted, encode
from schemas.topics import Topics

_TIMEOUT_S = 60.0
_CLOCK_MS = 10 * 60 * 1000
"""Where a log lost its end, what was appended so long before the last copy is copied again: clocks are set at times."""


class WentOn(Struct, frozen=True):
    """A decision that was written. `copied_at`: when the last record was copied before it, None where none was.

    `first_left_at`: when the first record was appended that copying goes on with, None where there is none yet.
    """

    decision: LogAdopted
    copied_at: datetime | None
    first_left_at: datetime | None


async def go_on(kafka: str, topics: Topics, faults: Sequence[Fault], reason: str, now: datetime) -> list[WentOn]:
    """Decides each fault of `uploads`. Raises `InfrastructureUnreachable`: sending it once more does no harm."""
    consumer = peeker(kafka)
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka, enable_idempotence=True, acks="all", client_id="weboffice decision"
    )
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await consumer.start()
            await producer.start()
            decided = [await _decided(consumer, topics, fault, reason, now) for fault in faults]
            for one in decided:
                partition = one.decision.partition
                headers = [("kind", b"log.adopted")]
                await producer.send_and_wait(topics.events, encode(one.decision), partition=partition, headers=headers)
    except (KafkaError, OSError, TimeoutError) as exc:
        raise InfrastructureUnreachable(f"Kafka: {exc!r}") from exc
    finally:
        await consumer.stop()
        await producer.stop()
    return decided


async def _decided(consumer: AIOKafkaConsumer, topics: Topics, fault: Fault, reason: str, now: datetime) -> WentOn:
    source, copies = TopicPartition(fault.topic, fault.partition), TopicPartition(topics.events, fault.partition)
    copied_ms = await _last_appended(consumer, copies)
    following = fault.start
    if fault.kind in ("shorter", "rewritten") and copied_ms is not None:
        after = copied_ms - _CLOCK_MS
        at = (await consumer.offsets_for_times({source: after}))[source]
        following = min(fault.end if at is None else at.offset, fault.next_offset)
    first_left = await peek(consumer, {source: following} if following < fault.end else {})
    decision = LogAdopted(
        topic="uploads",
        partition=fault.partition,
        fault=fault.kind,
        was_id=fault.was_id,
        was_next=fault.next_offset,
        topic_id=fault.topic_id,
        start=fault.start,
        end=fault.end,
        source_id=fault.topic_id,
        source_next=following,
        reason=reason,
        decided_at=now,
    )
    return WentOn(decision, _moment(copied_ms), _moment(first_left[source].timestamp if first_left else None))


async def _last_appended(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    end = (await consumer.end_offsets([partition]))[partition]
    if end == 0:
        return None
    return int((await peek(consumer, {partition: end - 1}))[partition].timestamp)


def _moment(ms: int | None) -> datetime | None:
    return None if ms is None else datetime.fromtimestamp(ms / 1000, UTC)
