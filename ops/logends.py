"""Asks Kafka how far the log goes, for pages that say whether everything is here.

An answer holds for whoever asked before it was begun, so however many pages ask, one question is on its way at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, UnknownTopicOrPartitionError

from projections.logs.examine import peek, peeker
from schemas.topics import Topics
from streams.output_tail import TailUnreadable, source_position
from webapp.completeness.logends import LogEnds

log = structlog.get_logger(__name__)

_WITHIN_S = 1.0


class LogEndsOf:
    """How far the log goes, when it is called. Connects when it is first asked; lets go at the end of `open`.

    `stopped` tells the partitions that wait for a decision: what was acknowledged there is nowhere, or not copied.
    """

    def __init__(self, kafka: str, topics: Topics, stopped: Callable[[], frozenset[int]] = frozenset) -> None:
        self._kafka, self._topics, self._stopped = kafka, topics, stopped
        self._lock = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._begun_at = -1.0
        self._answer: LogEnds | None = None
        self._copied: dict[int, int] = {}  # how far uploads were copied when last looked
        self._numbers: dict[str, list[int]] = {}

    @contextlib.asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self._close()

    async def __call__(self) -> LogEnds | None:
        asked_at = time.monotonic()
        async with self._lock:
            if self._begun_at < asked_at:
                self._begun_at = time.monotonic()
                self._answer = await self._ask()
            return self._answer

    async def _ask(self) -> LogEnds | None:
        try:
            async with asyncio.timeout(_WITHIN_S):
                return await self._look()
        except (KafkaError, OSError, TimeoutError, TailUnreadable) as exc:
            log.warning("log_ends_unknown", error=repr(exc))
            await self._close()
            return None

    async def _look(self) -> LogEnds:
        consumer = self._consumer or await self._open()
        uploads = await self._ends(self._topics.uploads)
        # Asked for afterwards: what is found to be copied of the uploads lies below these ends.
        events = await self._ends(self._topics.events)
        tails = {number: end - 1 for number, end in events.items() if end and self._uncopied(number, uploads)}
        places = {TopicPartition(self._topics.events, number): last for number, last in tails.items()}
        for place, record in (await peek(consumer, places)).items():
            self._copied[place.partition] = source_position(record).next_offset
        uncopied = {number for number in events if self._uncopied(number, uploads)}
        return LogEnds(events, frozenset(uncopied | self._stopped()))

    def _uncopied(self, number: int, uploads: dict[int, int]) -> bool:
        return self._copied.get(number, 0) < uploads.get(number, 0)

    async def _ends(self, topic: str) -> dict[int, int]:
        assert self._consumer is not None
        numbers = self._numbers[topic]
        ends = await self._consumer.end_offsets([TopicPartition(topic, number) for number in numbers])
        return {place.partition: end for place, end in ends.items()}

    async def _open(self) -> AIOKafkaConsumer:
        consumer = self._consumer = peeker(self._kafka)
        await consumer.start()
        cluster = await consumer._client.fetch_all_metadata()
        for topic in (self._topics.uploads, self._topics.events):
            self._numbers[topic] = sorted(cluster.partitions_for_topic(topic) or ())
            if not self._numbers[topic]:
                raise UnknownTopicOrPartitionError(topic)
        return consumer

    async def _close(self) -> None:
        consumer, self._consumer = self._consumer, None
        if consumer is not None:
            with contextlib.suppress(KafkaError, OSError):
                await consumer.stop()
