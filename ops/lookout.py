"""Looks at the logs again and again beside the work of an HTTP process: for /readyz, the alarm, tills and owners."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime

import psycopg
import structlog
from prometheus_client import Gauge

from ops import logstate
from ops.logstate import Look
from projections.logs.faults import Fault, Position
from projections.replay.numbers import Numbers
from schemas.errors import InfrastructureUnreachable
from schemas.log import partition_of
from schemas.spans import Span
from schemas.topics import Topics
from webapp.standstill import Standstill

log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 20.0
_STOPPED = Gauge(
    "weboffice_log_stopped",
    "1 where a partition waits for a decision: its log was replaced, is shorter than what was read, or has a hole.",
    ["topic", "partition"],
)


class Lookout:
    """What was seen last. `faults` are the partitions that wait for a decision."""

    def __init__(self, kafka: str, postgres: str, topics: Topics) -> None:
        self._kafka = kafka
        self._postgres = postgres
        self._topics = topics
        self.faults: list[Fault] = []
        self._standstills: dict[int, Standstill] = {}
        self._partitions = 1
        self._in_log: tuple[frozenset[tuple[int, str]], Numbers] | None = None

    @contextlib.asynccontextmanager
    async def looking(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._look())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task}, timeout=2.0)

    def standstill(self, outlet: str) -> Standstill | None:
        """What an owner is told of an outlet whose partition waits; None where none does."""
        return self._standstills.get(partition_of(outlet.encode(), self._partitions))

    def stopped(self) -> frozenset[int]:
        """The partitions that wait for a decision, of either topic."""
        return frozenset(self._standstills)

    def in_log(self, outlet: str, till: str, run: str) -> list[Span] | None:
        """The numbers of a run that `events` has, where that lost some of what the read models have; else None.

        These count for its till: what the log lost comes back only from there.
        """
        partition = partition_of(outlet.encode(), self._partitions)
        if self._in_log is None or partition not in {number for number, _ in self._in_log[0]}:
            return None
        return self._in_log[1].of((outlet, till, run))

    async def _look(self) -> None:
        while True:
            try:
                positions = await asyncio.to_thread(logstate.applied, self._postgres)
                seen = await logstate.look(self._kafka, self._topics, positions)
                await self._read_numbers(seen.faults)
                self._tell(seen, positions)
            except (psycopg.Error, InfrastructureUnreachable):
                pass  # /readyz and the alarms tell that one is away
            except Exception:  # a bug: nobody else will look, and it must not go unseen
                log.exception("lookout_failed")
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _read_numbers(self, faults: list[Fault]) -> None:
        """Reads what is left of a log that is not whole any more, or on from where that was read to."""
        lost = [fault for fault in faults if fault.topic == self._topics.events]
        if not lost:
            self._in_log = None
            return
        of = frozenset((fault.partition, fault.topic_id) for fault in lost)
        numbers = (
            self._in_log[1] if self._in_log and self._in_log[0] == of else Numbers(self._kafka, self._topics.events)
        )
        spans = {fault.partition: (fault.start, fault.end) for fault in lost if fault.kind != "missing"}
        if spans:  # beside the requests of others: it may be long
            await asyncio.to_thread(lambda: asyncio.run(numbers.read_on(spans)))
        self._in_log = of, numbers

    def _tell(self, seen: Look, positions: Mapping[int, Position]) -> None:
        if seen.faults and seen.faults != self.faults:
            log.error("logs_at_fault", faults=[str(logstate.remedy(fault, self._topics)) for fault in seen.faults])
        self.faults = seen.faults
        self._partitions = max((number for _, number in seen.places), default=max(positions, default=0)) + 1
        self._standstills = {fault.partition: _standstill(positions.get(fault.partition)) for fault in seen.faults}
        stopped = {(fault.topic, fault.partition) for fault in seen.faults}
        for topic, partition in stopped | seen.places:
            _STOPPED.labels(topic, str(partition)).set((topic, partition) in stopped)


def _standstill(position: Position | None) -> Standstill:
    mark = position.mark if position else None
    return Standstill(datetime.fromtimestamp(mark / 1000, UTC) if isinstance(mark, int) else None)
