"""Folds spans of the log into a generation: in this process for a few records, in one process per core for many.

The rows, runs and positions of each batch commit together, so a replay that was killed goes on where it was; and a
process left over from it cannot apply anything twice (`PositionConflict`).
"""

from __future__ import annotations

import asyncio
import gc
import multiprocessing
import os
import queue
import threading
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import ExitStack
from importlib.util import find_spec
from multiprocessing import connection as waiting
from typing import Any

import psycopg
from msgspec import Struct

from projections.apply.engine import Engine
from projections.apply.flood import QuarantineFlood
from projections.apply.outcome import FoldFailed
from projections.replay.batches import Batch, Cutter
from projections.replay.loglines import LogForm
from projections.replay.reader import LogReader
from projections.store.bulk import BulkStore
from schemas.errors import InfrastructureUnreachable, WebOfficeError
from schemas.log import LogRecord

_READ_RECORDS = 50
GROUP_EVENTS = 100_000
"""Events of one transaction of a bulk replay: a figure is written once in each; so much is done again after a kill."""
_FEW_RECORDS = 200
"""Up to so many records, starting processes would take longer than folding."""


class Source(Struct, frozen=True):
    """Where a replay reads and writes: Kafka's address and the topic `events`, PostgreSQL's libpq URL."""

    kafka: str
    topic: str
    postgres: str


class Progress(Struct, frozen=True):
    """A batch was committed: its partition stands at `next_offset`; it held so many events."""

    partition: int
    next_offset: int
    records: int
    events: int


class ReplayFailed(WebOfficeError):
    """A process of the replay failed."""


Report = Callable[[Progress], None]
Spans = Mapping[int, tuple[int, int]]
"""partition → [from, to)"""


class Replay:
    """Folds the log into the generation `number`; with `outlets`, only records of those.

    `bulk` says that the generation takes COPY and nobody else writes into it.
    """

    def __init__(self, source: Source, number: int, outlets: Collection[str] | None = None, bulk: bool = False) -> None:
        self._bulk = bulk
        self._source = source
        self._number = number
        self._outlets = None if outlets is None else sorted(outlets)

    def fold(self, spans: Spans, report: Report) -> None:
        """Folds the spans, each of which has to begin at its partition's position."""
        partitions = len([span for span in spans.values() if span[0] < span[1]])
        if _records(spans) <= _FEW_RECORDS or partitions == 1:
            asyncio.run(self.fold_here(spans, report))
        else:
            # Also with one core: a partition at a time keeps its goods in memory, all of them together do not.
            self._fold_in_processes(spans, min(os.cpu_count() or 1, partitions), report)

    async def fold_here(self, spans: Spans, report: Report, *, part_of_many: bool = False) -> None:
        """Folds the spans in this process. `part_of_many`: few records, perhaps, but one of many partitions."""
        from_the_start = all(start == 0 for start, _ in spans.values())
        try:
            async with LogReader(self._source.kafka, self._source.topic) as log:
                if self._bulk and from_the_start and (part_of_many or _records(spans) > _FEW_RECORDS):
                    await self._fold_in_bulk(log, spans, report)
                else:
                    await self._fold_by_batches(log, spans, report)
        except psycopg.OperationalError as exc:
            raise InfrastructureUnreachable(f"PostgreSQL: {exc}") from exc

    async def _fold_by_batches(self, log: LogReader, spans: Spans, report: Report) -> None:
        engine = Engine(self._source.postgres, self._number, self._outlets)
        engine.log_id = log.topic_id
        try:
            async for batch, progress in _batches(log, spans):
                await asyncio.to_thread(engine.apply, batch)
                report(progress)
        finally:
            engine.close()

    async def _fold_in_bulk(self, log: LogReader, spans: Spans, report: Report) -> None:
        """Many batches to a transaction; those of one in which something cannot be folded are folded by themselves."""
        engine = Engine(self._source.postgres, self._number, self._outlets, store=bulk_store())
        engine.log_id = log.topic_id
        try:
            left = dict(spans)
            while left:
                group = _Group(left)
                try:
                    await self._fold_groups(engine, log, group, report)
                except FoldFailed:
                    await self._fold_by_batches(log, group.read, report)
                    left = group.left
                else:
                    left = {}
        finally:
            engine.close()

    async def _fold_groups(self, engine: Engine, log: LogReader, group: _Group, report: Report) -> None:
        with ExitStack() as transaction:
            async for batch, progress in _batches(log, dict(group.left)):
                if not group.progress:
                    transaction.enter_context(engine.in_common())
                group.add(progress)
                await asyncio.to_thread(engine.apply, batch)
                if group.events >= GROUP_EVENTS:
                    await asyncio.to_thread(transaction.close)
                    group.committed(report)
            await asyncio.to_thread(transaction.close)
            group.committed(report)

    def _fold_in_processes(self, spans: Spans, workers: int, report: Report) -> None:
        context = multiprocessing.get_context("spawn")
        tasks, reports = context.Queue(), context.Queue()
        largest_first = sorted(spans.items(), key=lambda item: item[1][0] - item[1][1])
        for task in largest_first:
            tasks.put(task)
        processes = [
            context.Process(
                target=_work,
                args=(self, tasks, reports, LogForm.here()),
                name=f"replay-{i}",
            )
            for i in range(workers)
        ]
        for process in processes:
            tasks.put(None)
            process.start()
        try:
            self._follow(processes, reports, report)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.join()

    def _follow(self, processes: list[Any], reports: Any, report: Report) -> None:
        """Hands on what the processes report until all have ended well."""
        running = len(processes)
        while running:
            try:
                message = reports.get(timeout=1)
            except queue.Empty:
                dead = [process for process in processes if process.exitcode not in (None, 0)]
                if dead:
                    raise ReplayFailed(f"{dead[0].name} ended with exit code {dead[0].exitcode}") from None
                continue
            match message:
                case Progress():
                    report(message)
                case BaseException():
                    raise message
                case None:
                    running -= 1


class _Group:
    """The batches of one transaction: `progress` to report once it commits, what was `read`, and what is `left`."""

    def __init__(self, left: Spans) -> None:
        self.left = dict(left)
        self.read: dict[int, tuple[int, int]] = {}
        self.progress: list[Progress] = []
        self.events = 0

    def add(self, progress: Progress) -> None:
        start, end = self.left.pop(progress.partition)
        first = self.read.get(progress.partition, (start, start))[0]
        self.read[progress.partition] = (first, progress.next_offset)
        if progress.next_offset < end:
            self.left[progress.partition] = (progress.next_offset, end)
        self.progress.append(progress)
        self.events += progress.events

    def committed(self, report: Report) -> None:
        for progress in self.progress:
            report(progress)
        self.read, self.progress, self.events = {}, [], 0


async def _batches(log: LogReader, spans: Spans) -> AsyncIterator[tuple[list[LogRecord], Progress]]:
    """The records of the spans in batches for the engine, each with what is reached when it is committed."""
    cutters: dict[int, Cutter] = {}
    async for found in log.read(spans, max_records=_READ_RECORDS):
        for partition, records in found.items():
            for batch in cutters.setdefault(partition, Cutter()).add(records):
                yield batch.records, _reached(partition, batch)
    for partition, cutter in cutters.items():
        for batch in cutter.rest():
            yield batch.records, _reached(partition, batch)


def bulk_store() -> BulkStore:
    """In columns where Polars is installed, else row by row, with the same result."""
    if find_spec("polars") is None:
        return BulkStore()
    from projections.columns.store import ColumnStore  # what is large is loaded only where it is used

    return ColumnStore()


def _reached(partition: int, batch: Batch) -> Progress:
    return Progress(partition, batch.records[-1].offset + 1, len(batch.records), batch.events)


def _records(spans: Spans) -> int:
    return sum(end - start for start, end in spans.values())


def _work(replay: Replay, tasks: Any, reports: Any, form: LogForm) -> None:
    """The main function of a replay process: takes a partition at a time."""
    form.take_over()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Rows are kept by the hundred thousand and are in no cycle: looking through them again and again took a quarter.
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        while (task := tasks.get()) is not None:
            partition, span = task
            asyncio.run(replay.fold_here({partition: span}, reports.put, part_of_many=True))
    except QuarantineFlood as exc:
        reports.put(QuarantineFlood(str(exc)))
    except WebOfficeError as exc:
        reports.put(ReplayFailed(f"{type(exc).__name__}: {exc}").with_traceback(None))
    else:
        reports.put(None)


def _end_with_parent() -> None:
    """A parent killed with -9 can't end its processes, so they watch it."""
    parent = multiprocessing.parent_process()
    assert parent is not None
    waiting.wait([parent.sentinel])
    os._exit(1)
