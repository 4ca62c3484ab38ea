"""Watches a worker from a thread of its own: a consumer that stalls silently is ended, and started again from outside.

Faust's consumers were seen to stop without an error (its issues 175, 523, 532, 640).
"""

from __future__ import annotations

import asyncio
import threading

import structlog
from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from schemas.errors import WebOfficeError
from streams.crash import STALLED, crash
from streams.lag import Progress
from streams.waiting import appended, looker

log = structlog.get_logger(__name__)

EVERY_S = 5.0


class Stalled(WebOfficeError):
    """The worker does not get on, though Kafka and PostgreSQL answer."""


def watch(kafka: str, topic: str, progress: Progress) -> threading.Thread:
    """Starts the probe; it ends the process where the worker does not get on."""
    thread = threading.Thread(
        target=lambda: asyncio.run(_watch(kafka, topic, progress)), name="stall probe", daemon=True
    )
    thread.start()
    return thread


async def _watch(kafka: str, topic: str, progress: Progress) -> None:
    away = False
    while True:
        consumer = looker(kafka, "weboffice stall probe")
        try:
            await consumer.start()
            if away:
                log.info("kafka_back")
                away = False
            while True:
                mine = [TopicPartition(topic, number) for number in progress.partitions()]
                ends = await consumer.end_offsets(mine)
                if not mine:
                    await consumer.topics()  # an answer from Kafka is what a verdict needs
                behind = progress.behind({tp.partition: end for tp, end in ends.items()})
                if reason := progress.stalled(bool(behind)):
                    crash(Stalled(reason), STALLED)
                since = await appended(consumer, {TopicPartition(topic, p): offset for p, offset in behind.items()})
                if since or not behind:
                    progress.waiting_since(min(since.values(), default=None))
                await asyncio.sleep(EVERY_S)
        except (KafkaError, OSError) as exc:
            # Without Kafka nobody gets on: no verdict until it is back.
            if not away:
                log.warning("kafka_away", error=type(exc).__name__)
                away = True
            progress.kafka_away()
        finally:
            await consumer.stop()
        await asyncio.sleep(EVERY_S)
