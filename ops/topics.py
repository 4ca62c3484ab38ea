"""Makes the topics of the log, with every setting said; nothing creates a topic by merely using it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code

from ops.settings import Settings
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.log import MAX_RECORD_BYTES
from schemas.topics import Topics

log = structlog.get_logger(__name__)

_DAY_MS = 24 * 3600 * 1000


def configuration(topics: Topics, uploads_days: int, replication: int = 1) -> dict[str, dict[str, str]]:
    """Topic → its settings. Reasons: design.md, 'Known facts of the rest'."""
    common = {
        # A record is acknowledged when all but one replica have it: one broker may be lost, and no record with it.
        "min.insync.replicas": str(max(1, replication - 1)),
        "cleanup.policy": "delete",
        "compression.type": "producer",  # what the producer sent (lz4) is kept as it is
        "max.message.bytes": str(MAX_RECORD_BYTES),
        "message.timestamp.type": "LogAppendTime",
    }
    # A segment is deleted as a whole, so the greatest age is retention + segment.ms + one check (1 min).
    intake = {**common, "retention.ms": str(uploads_days * _DAY_MS), "segment.ms": str(3600 * 1000)}
    return {
        topics.uploads: intake,
        topics.events: {**common, "retention.ms": "-1", "retention.bytes": "-1"},
        topics.unreadable: {**common, "retention.ms": str(2 * uploads_days * _DAY_MS), "segment.ms": str(3600 * 1000)},
    }


_KNOWN_S = 10.0


async def ensure(
    kafka: str, settings: Settings, timeout: float = 60, events: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Makes the topics that are missing, and returns them; waits up to `timeout` seconds for the broker to answer.

    `events`: settings of that topic, where it is made, in place of those of `configuration`. The number of partitions
    of topics that exist stays as it is. Raises `InfrastructureUnreachable`.
    """
    deadline = time.monotonic() + timeout
    while True:
        try:
            return await _create(kafka, settings, events)
        except (KafkaConnectionError, KafkaError, OSError) as exc:
            if time.monotonic() > deadline:
                raise InfrastructureUnreachable(f"Kafka at {kafka} did not answer in {timeout:g} s: {exc}") from exc
            await asyncio.sleep(0.1)


async def _create(kafka: str, settings: Settings, events: Mapping[str, str]) -> list[str]:
    admin = AIOKafkaAdminClient(**brokers.options(kafka), request_timeout_ms=10_000)
    await admin.start()
    try:
        present = set(await admin.list_topics())
        wanted = configuration(settings.topics, settings.uploads_days, settings.replication)
        wanted[settings.topics.events] |= events
        missing = [
            NewTopic(name, settings.partitions, settings.replication, topic_configs=config)
            for name, config in wanted.items()
            if name not in present
        ]
        if not missing:
            return []
        response = await admin.create_topics(missing)
        for name, code, *_ in response.topic_errors:
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(name)
            log.info("topic_created", topic=name, partitions=settings.partitions)
        await _until_known(admin, {topic.name for topic in missing})
        return sorted(topic.name for topic in missing)
    finally:
        await admin.close()


async def _until_known(admin: AIOKafkaAdminClient, names: set[str]) -> None:
    """Returns when the broker tells of the topics: what it made a moment ago it may not know yet."""
    async with asyncio.timeout(_KNOWN_S):
        while names - set(await admin.list_topics()):  # noqa: ASYNC110  # the broker has no event for it
            await asyncio.sleep(0.05)
