"""The producer against a broker that is paused, absent, or refuses."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from producers.kafka import NotAcknowledged, RecordProducer
from schemas import brokers
from schemas.topics import Topics
from tests.infrastructure import KafkaPaused
from tests.producers.gateway.service import eventually, eventually_true, read_log

KEY = b"00000000-0000-4000-8000-000000000000"


async def ready(producer: RecordProducer, topics: Topics) -> None:
    async def reaches() -> bool:
        return await producer.reaches(topics.uploads)

    await eventually_true(reaches)


async def test_a_paused_broker_is_an_unknown_outcome(kafka: str, topics: Topics, kafka_paused: KafkaPaused) -> None:
    """No acknowledgement in time raises; the record may come through later, once, and memory is given back then."""
    settled: list[int] = []
    async with RecordProducer(kafka, ack_timeout=1.5) as producer:
        await ready(producer, topics)
        with kafka_paused():
            with pytest.raises(NotAcknowledged):
                await producer.send(
                    topics.uploads, key=KEY, value=b"one", headers=[], settled=lambda: settled.append(1)
                )
            assert producer.away
            assert settled == []
        await eventually(lambda: settled == [1] and not producer.away)
        await producer.send(topics.uploads, key=KEY, value=b"two", headers=[])
    assert [record.value for record in await read_log(kafka, topics.uploads)] == [b"one", b"two"]


async def test_a_long_pause_replaces_the_producer(kafka: str, topics: Topics, kafka_paused: KafkaPaused) -> None:
    """What waits too long is given up, its memory with it; afterwards the service goes on by itself."""
    settled: list[int] = []
    with capture_logs() as logs:
        async with RecordProducer(kafka, ack_timeout=0.5) as producer:
            await ready(producer, topics)
            with kafka_paused():
                sending = [
                    producer.send(
                        topics.uploads, key=KEY, value=b"x" * 600_000, headers=[], settled=lambda: settled.append(1)
                    )
                    for _ in range(5)
                ]
                outcomes = await asyncio.gather(*sending, return_exceptions=True)
                assert all(isinstance(outcome, NotAcknowledged) for outcome in outcomes)
                await eventually(lambda: len(settled) == 5)
                with pytest.raises(NotAcknowledged):
                    await producer.send(topics.uploads, key=KEY, value=b"lost", headers=[])

            async def gets_through() -> bool:
                with contextlib.suppress(NotAcknowledged):
                    await producer.send(topics.uploads, key=KEY, value=b"after", headers=[])
                    return True
                return False

            await eventually_true(gets_through)
    assert [entry["event"] for entry in logs][1:] == ["kafka_stalled", "kafka_away", "kafka_connected"]
    assert b"after" in [record.value for record in await read_log(kafka, topics.uploads)]


async def test_kafka_may_come_later(kafka: str, topics: Topics) -> None:
    """Without Kafka the producer starts, refuses at once, says so once, and works as soon as Kafka is there."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        away = replace(brokers.read(kafka), addresses=f"127.0.0.1:{port}")
        with capture_logs() as logs:
            async with RecordProducer(str(away), ack_timeout=60) as producer:
                await eventually(lambda: producer.away)
                async with asyncio.timeout(20):
                    with pytest.raises(NotAcknowledged):
                        await producer.send(topics.uploads, key=KEY, value=b"x", headers=[])
                assert not await producer.reaches(topics.uploads)
                taken.close()
                host, _, upstream_port = brokers.addresses(kafka).rpartition(":")
                forward = await asyncio.start_server(forwarding(host, int(upstream_port)), "127.0.0.1", port)
                async with forward:
                    await ready(producer, topics)
                    await producer.send(topics.uploads, key=KEY, value=b"x", headers=[])
                    forward.close()
    assert [entry["event"] for entry in logs if entry["event"].startswith("kafka_")] == [
        "kafka_away",
        "kafka_connected",
    ]
    assert len(await read_log(kafka, topics.uploads)) == 1


async def test_a_topic_that_is_not_there(kafka: str, topics: Topics) -> None:
    """A missing topic is a time-out, not a crash, and other topics are not affected."""
    async with RecordProducer(kafka, ack_timeout=1) as producer:
        await ready(producer, topics)
        with pytest.raises(NotAcknowledged):
            await producer.send("no-such-topic", key=KEY, value=b"x", headers=[])
        await producer.send(topics.uploads, key=KEY, value=b"x", headers=[])


async def test_a_record_that_the_broker_refuses(kafka: str, topics: Topics, small_topic: str) -> None:
    """A failed record breaks the sequence numbers of its producer; the next one is sent by a new one."""
    async with RecordProducer(kafka, ack_timeout=5) as producer:
        await ready(producer, topics)
        with pytest.raises(NotAcknowledged):
            await producer.send(small_topic, key=KEY, value=os.urandom(100_000), headers=[])
        for _ in range(3):
            await producer.send(small_topic, key=KEY, value=b"small", headers=[])
    assert [record.value for record in await read_log(kafka, small_topic)] == [b"small"] * 3


def forwarding(host: str, port: int):  # type: ignore[no-untyped-def]
    """A handler for `asyncio.start_server` that passes bytes on to another address."""

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection(host, port)
        await asyncio.gather(pump(reader, up_writer), pump(up_reader, writer))

    return handle


@pytest.fixture
async def small_topic(kafka: str, topics: Topics) -> str:
    """A topic that takes records up to 10 kB only."""
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        name = f"{topics.prefix}small"
        await admin.create_topics([NewTopic(name, 1, 1, topic_configs={"max.message.bytes": "10000"})])
    finally:
        await admin.close()
    return name
