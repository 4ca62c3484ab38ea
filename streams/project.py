"""The agent `project`: hands batches of `events` to the engine, which folds them into PostgreSQL."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import TypeVar

import faust
import psycopg
import structlog
from aiokafka import ConsumerRecord
from prometheus_client import Counter

from projections.apply.engine import Engine
from projections.apply.outcome import Applied
from projections.logs.applied import mark_of as applied_mark
from projections.logs.faults import Position
from projections.replay.lookback import look_back
from schemas.failpoints import fail_point
from schemas.log import LogRecord
from schemas.tally import Told
from schemas.topics import Topics
from streams.app import make_app
from streams.lag import Progress

log = structlog.get_logger(__name__)

T = TypeVar("T")

# The last one: this process stood still inside a transaction, and PostgreSQL did not wait for it.
_AWAY = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.errors.IdleInTransactionSessionTimeout)

_EVENTS = Counter("weboffice_events_total", "Events by what became of them.", ["outcome"])
_OUTCOMES = ("read", "applied", "duplicate", "parked", "quarantined", "discarded")


def project_app(kafka: str, postgres: str, topics: Topics, progress: Progress) -> faust.App:
    """The worker `project`."""
    projector = Projector(Engine(postgres, look_back=look_back(kafka, topics.events)), progress)
    return make_app(f"{topics.prefix}project", kafka, topics.events, projector, progress)


class Projector:
    """Runs the engine (which blocks) in a thread, and waits while PostgreSQL is away."""

    def __init__(self, engine: Engine, progress: Progress) -> None:
        self._engine = engine
        self._progress = progress
        self._looked = False
        self._told = Told(log, "applied_counts")
        # At a rebalance the positions are asked for while a batch may be in hand, and the engine has one connection. A
        # lock of threads, since one whose task was cancelled goes on to the end of its transaction.
        self._in_use = threading.Lock()
        for outcome in _OUTCOMES:
            _EVENTS.labels(outcome)  # 0 is told as well, so that a first one is seen as an increase

    async def handle(self, records: Sequence[LogRecord]) -> None:
        started = time.monotonic()
        applied = await self._when_postgres_answers(lambda: self._engine.apply(records))
        fail_point("project.after_commit")
        for outcome in _OUTCOMES:
            _EVENTS.labels(outcome).inc(getattr(applied, outcome))
        found = {name: getattr(applied, name) for name in Applied.__struct_fields__}
        offsets = {r.partition: r.offset for r in records}
        counted = {"batches": 1, **found}
        self._told("batch_applied", started, counted, odd=bool(applied.quarantined), offsets=offsets, **found)

    async def positions(self, partitions: Sequence[int]) -> Mapping[int, Position]:
        positions = await self._when_postgres_answers(lambda: self._engine.positions(partitions))
        await self._notice_once()
        return positions

    def mark_of(self, record: ConsumerRecord) -> Hashable:
        return applied_mark(record)

    def start(self, offsets: Mapping[int, int], topic_id: str) -> None:
        self._engine.log_id = topic_id

    async def _notice_once(self) -> None:
        """Says at the start, for which PostgreSQL may keep the worker waiting, that a rebuild is due."""
        if not self._looked:
            self._looked = True
            if notice := await self._when_postgres_answers(self._engine.outdated):
                log.warning("live_generation_outdated", notice=notice)

    async def _when_postgres_answers(self, call: Callable[[], T]) -> T:
        """Calls again until PostgreSQL answers: a transaction that was cut off is skipped or done by its positions."""
        wait = 0.1
        while True:
            try:
                found = await asyncio.to_thread(self._alone, call)
            except _AWAY as exc:
                if wait == 0.1:
                    log.warning("postgres_away", error=type(exc).__name__, sqlstate=exc.sqlstate)
                self._progress.waiting_for("postgres")
                await asyncio.sleep(wait)
                wait = min(2.0, wait * 2)
                continue
            if wait > 0.1:
                log.info("postgres_back")
            self._progress.waiting_for(None)
            return found

    def _alone(self, call: Callable[[], T]) -> T:
        with self._in_use:
            return call()
