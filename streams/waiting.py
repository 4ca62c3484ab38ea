"""Since when records wait: lag in seconds is the age of the record that comes next, whatever came before it."""

from __future__ import annotations

import time
from collections.abc import Mapping

from aiokafka import AIOKafkaConsumer, TopicPartition

from schemas import brokers

_LOOK_S = 5.0


def looker(kafka: str, client_id: str) -> AIOKafkaConsumer:
    """A consumer that can look at single records, not started yet; it belongs to no group."""
    return AIOKafkaConsumer(
        **brokers.options(kafka),
        client_id=client_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",  # what is gone from the intake is older still
        max_partition_fetch_bytes=64 * 1024,  # one record is enough; Kafka gives a larger one all the same
    )


async def appended(consumer: AIOKafkaConsumer, places: Mapping[TopicPartition, int]) -> dict[TopicPartition, float]:
    """When the record at each offset was appended (Unix seconds), as far as Kafka tells within some seconds."""
    found: dict[TopicPartition, float] = {}
    if not places:
        return found
    consumer.assign(list(places))
    for place, offset in places.items():
        consumer.seek(place, offset)
    deadline = time.monotonic() + _LOOK_S
    while len(found) < len(places) and time.monotonic() < deadline:
        for place, records in (await consumer.getmany(timeout_ms=500)).items():
            found.setdefault(place, records[0].timestamp / 1000)
            consumer.pause(place)
    consumer.unsubscribe()  # it would go on fetching ahead
    return found
