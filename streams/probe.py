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
from streams.progress import Progress
from streams.waiting import appended, looker

log = structlog.get_logger(__name__)

EVERY_S = 5.0
STALLED_AFTER_S = 60.0


class Stalled(WebOfficeError):
    """Records wait and none was worked through for a long time."""


def watch(kafka: str, topic: str, progress: Progress, stalled_after: float = STALLED_AFTER_S) -> threading.Thread:
    """Starts the probe; it ends the process where the worker does not get on."""
    thread = threading.Thread(
        target=lambda: asyncio.run(_watch(kafka, topic, progress, stalled_after)), name="stall probe", daemon=True
    )
    thread.start()
    return thread


async def _watch(kafka: str, topic: str, progress: Progress, stalled_after: float) -> None:
    away = False
    while True:
        consumer = looker(kafka, "weboffice stall probe")
        try:
            await consumer.start()
            if away:
                log.info("kafka_back")
                away = False
            while True:
                ends = await consumer.end_offsets([TopicPartition(topic, p) for p in progress.next_offsets()])
                behind = progress.behind({tp.partition: end for tp, end in ends.items()})
                stalled = progress.stalled_for(bool(behind))
                if stalled > stalled_after:
                    crash(Stalled(f"nothing moved for {stalled:.0f} s"), STALLED)
                since = await appended(consumer, {TopicPartition(topic, p): offset for p, offset in behind.items()})
                if since or not behind:
                    progress.waiting_since(min(since.values(), default=None))
                await asyncio.sleep(EVERY_S)
        except (KafkaError, OSError) as exc:
            # Without Kafka nobody gets on: no verdict until it is back.
            if not away:
                log.warning("kafka_away", error=type(exc).__name__)
                away = True
            progress.stalled_for(False)
        finally:
            await consumer.stop()
        await asyncio.sleep(EVERY_S)
