"""Sends an intake record again that `anonymise` could not read, when a program that can has been installed.

The raw bytes are kept in the topic `unreadable`, under the partition number they had; `uploads` gets them once more as
they came, so they go the way of every upload.
"""

from __future__ import annotations

import asyncio
from typing import cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from producers.kafka import NotAcknowledged
from schemas import brokers
from schemas.errors import InfrastructureUnreachable, UsageError
from schemas.log import MAX_RECORD_BYTES
from schemas.records import Origin, origin
from schemas.topics import Topics

_TIMEOUT_S = 60.0


async def find_raw(kafka: str, topics: Topics, partition: int, stub: Origin) -> ConsumerRecord:
    """The raw record that a stub stands for, which repeats its headers.

    Raises `UsageError` where it is no longer kept, `InfrastructureUnreachable` where Kafka fails.
    """
    consumer = AIOKafkaConsumer(**brokers.options(kafka), enable_auto_commit=False, client_id="weboffice resend")
    at = TopicPartition(topics.unreadable, partition)
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await consumer.start()
            consumer.assign([at])
            await consumer.seek_to_beginning(at)
            end = (await consumer.end_offsets([at]))[at]
            while await consumer.position(at) < end:
                for found in (await consumer.getmany(at, timeout_ms=1000)).get(at, []):
                    if origin(found.headers, found.key) == stub:
                        return found
    except (KafkaError, OSError, TimeoutError) as exc:
        raise InfrastructureUnreachable(f"Kafka: {exc!r}") from exc
    finally:
        await consumer.stop()
    raise UsageError(
        f"the raw bytes are gone: {topics.unreadable}/{partition} no longer has source offset {stub.source_offset}"
    )


async def resend(kafka: str, topics: Topics, raw: ConsumerRecord) -> int:
    """Writes the raw record into `uploads`, where it was, and returns its new offset once all replicas have it.

    Raises `NotAcknowledged`: whether it is written is unknown then, and sending it once more does no harm.
    """
    producer = AIOKafkaProducer(
        **brokers.options(kafka),
        enable_idempotence=True,
        acks="all",
        compression_type="lz4",
        max_request_size=MAX_RECORD_BYTES,
        client_id="weboffice resend",
    )
    headers = [header for header in raw.headers if header[0] not in ("source_offset", "source_topic_id")]
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            await producer.start()
            sent = await producer.send_and_wait(topics.uploads, raw.value, raw.key, raw.partition, headers=headers)
    except (KafkaError, OSError, TimeoutError) as exc:
        raise NotAcknowledged(f"Kafka did not acknowledge the record: {exc!r}") from exc
    finally:
        await producer.stop()
    return cast(int, sent.offset)
