"""Stands before a worker's work: no record is worked on unless it is of the log that the positions are of.

At an assignment the positions are held against the topic. After each read, before the batch is worked on, one request
asks whether it is still that topic, under the same leaders, over a connection that was never cut: then no broker can
have come back with other data in between. Else everything is examined anew. A partition whose position does not fit is
stopped, alone, until an operator has decided (`weboffice log`); the worker then begins again by itself. So it does
where what it did is gone (PostgreSQL, or the topic it writes, came back older): nobody else would read those records.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import Mapping, Sequence
from typing import Protocol

import structlog
from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

from projections.logs.examine import examine
from projections.logs.faults import Fault, Position
from projections.logs.watch import LogWatch
from schemas.log import LogRecord
from streams.crash import begin_again
from streams.lag import Progress

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 2.0
_ASK_EVERY = 5
"""Every so many looks the positions are asked for: they may have gone back."""


class Work(Protocol):
    """What a worker does with its topic."""

    async def positions(self, partitions: Sequence[int]) -> Mapping[int, Position]:
        """Where each partition goes on, as it is remembered beside what was done."""

    def mark_of(self, record: ConsumerRecord) -> object:
        """What a position remembers of the record before it."""

    def start(self, offsets: Mapping[int, int], topic_id: str) -> None:
        """Work goes on from these offsets, in the topic with this id."""

    async def handle(self, records: Sequence[LogRecord]) -> None:
        """Works on a batch, in the order of each partition; returns when it is done with for good."""


class Guard:
    """Of one worker and its topic."""

    def __init__(self, worker: str, kafka: str, topic: str, work: Work, progress: Progress) -> None:
        self._worker = worker
        self._kafka = kafka
        self._topic = topic
        self._work = work
        self._progress = progress
        self._watch = LogWatch(kafka, topic, progress.waiting_for)
        self._partitions: list[int] = []
        self._stopped: dict[int, Fault] = {}
        self._next: dict[int, int] = {}  # partition → the offset after the last one worked on
        self._looking: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()  # of a batch, from its admission to its end, or of an examination

    async def begin(self, partitions: Sequence[int]) -> dict[int, int]:
        """Examines what was assigned; partition → the offset to read from, also where it is stopped."""
        self._partitions = list(partitions)
        await self._watch.changed()  # from here on: whatever changes during the examination is seen afterwards
        self._next = {}
        offsets = await self._examine()
        self._next = dict(self.working(offsets))
        if self._looking is None:
            self._looking = asyncio.create_task(self._keep_looking())
        return offsets

    def working(self, offsets: Mapping[int, int]) -> dict[int, int]:
        """Those of partitions that are not stopped."""
        return {partition: offset for partition, offset in offsets.items() if partition not in self._stopped}

    async def work(self, records: Sequence[LogRecord]) -> None:
        """Works on those records of a batch just read whose log is the one that their positions are of.

        Waits while Kafka is away. Raises what `Work.handle` raises.
        """
        async with self._turn:
            await self._examine_changed()
            admitted = [record for record in records if record.partition not in self._stopped]
            if admitted:
                await self._work.handle(admitted)
            for record in admitted:
                self._next[record.partition] = max(record.offset + 1, self._next.get(record.partition, 0))

    async def _examine_changed(self) -> None:
        if await self._watch.changed():
            self._progress.assigned(self.working(await self._examine()))

    async def _examine(self) -> dict[int, int]:
        partitions = self._partitions
        positions = await self._work.positions(partitions)
        found = await examine(self._kafka, self._topic, positions, self._work.mark_of)
        for partition, fault in found.faults.items():
            if fault.kind != getattr(self._stopped.get(partition), "kind", None):
                log.error("log_stopped", worker=self._worker, place=fault.place, fault=fault.kind, reason=str(fault))
        self._stopped = found.faults
        offsets = {partition: position.next_offset for partition, position in positions.items()}
        self._begin_again_if_behind(offsets)
        self._work.start(self.working(offsets), found.topic_id)
        return {**offsets, **{partition: fault.end for partition, fault in found.faults.items()}}

    async def _keep_looking(self) -> None:
        """Notices a change also where nothing is read, and the decision that a stopped partition waits for."""
        for look in itertools.count(1):
            await asyncio.sleep(_LOOK_EVERY_S)
            with contextlib.suppress(KafkaError, OSError, TimeoutError):
                async with self._turn:
                    await self._look_again()
                    if look % _ASK_EVERY == 0:
                        positions = await self._work.positions(self._partitions)
                        self._begin_again_if_behind({number: at.next_offset for number, at in positions.items()})

    def _begin_again_if_behind(self, offsets: Mapping[int, int]) -> None:
        """What was done is gone: this process would go on behind it, or stand still where nothing new comes."""
        behind = {p: at for p, at in self.working(offsets).items() if at < self._next.get(p, 0)}
        if behind:
            begin_again(worker=self._worker, positions_went_back=behind, were=self._next)

    async def _look_again(self) -> None:
        if not self._stopped:
            await self._examine_changed()
            return
        stopped = self._stopped
        self._progress.assigned(self.working(await self._examine()))
        if decided := stopped.keys() - self._stopped.keys():
            # Buffers may hold records that were read before.
            begin_again(worker=self._worker, partitions=sorted(decided))
