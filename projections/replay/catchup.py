"""Brings a generation to the live one's offsets: first while that moves on, then exactly, with applying stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations import register
from projections.generations.register import Generation
from projections.replay.replay import Replay, Report, Source, Spans
from schemas.errors import InfrastructureUnreachable

Offsets = Mapping[int, int]

_CLOSE_RECORDS = 100
"""Near enough to stop applying for the rest."""
_MOST_ROUNDS = 20


class CatchUp:
    """Folds a generation onwards. `connection` is in autocommit and used between the folding only."""

    def __init__(
        self,
        source: Source,
        connection: Connection[TupleRow],
        generation: Generation,
        report: Report,
        outlets: Collection[str] | None = None,
        instead: Offsets | None = None,
    ) -> None:
        """`instead`: where a partition ends of which the live generation has read more than the log has."""
        self._instead = dict(instead or {})
        self._connection = connection
        self._generation = generation
        self._report = report
        self._replay = Replay(source, generation.number, outlets, bulk=generation.state == "building")

    def spans_to(self, ends: Offsets) -> Spans:
        """What lies between the generation's positions and `ends`."""
        here = register.positions(self._connection, self._generation)
        spans = {partition: (here.get(partition, 0), end) for partition, end in ends.items()}
        return {partition: span for partition, span in spans.items() if span[0] < span[1]}

    def to(self, ends: Offsets, plan: Callable[[Spans], None]) -> None:
        """Folds up to the offsets given."""
        spans = self.spans_to(ends)
        plan(spans)
        self._replay.fold(spans, self._report)

    def near_live(self, plan: Callable[[Spans], None]) -> None:
        """Folds until the live generation is only a few records ahead, or is no longer getting nearer."""
        for _ in range(_MOST_ROUNDS):
            spans = self.spans_to(self._live_positions())
            if sum(end - start for start, end in spans.values()) <= _CLOSE_RECORDS:
                return
            plan(spans)
            self._replay.fold(spans, self._report)

    @contextmanager
    def pinned(self) -> Iterator[Offsets]:
        """Inside, both generations stand at the offsets given and no batch is applied; ends with the transaction."""
        with self._connection.transaction():
            register.stop_applying(self._connection)
            ends = self._live_positions()
            asyncio.run(self._replay.fold_here(self.spans_to(ends), self._report))
            yield ends

    def _live_positions(self) -> Offsets:
        return {**register.positions(self._connection, register.live(self._connection)), **self._instead}


@contextmanager
def snapshot(postgres: str) -> Iterator[Connection[TupleRow]]:
    """A read-only transaction that goes on seeing the database as it is at this moment."""
    with psycopg.connect(postgres, application_name="weboffice compare") as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        register.live(connection)  # the first statement takes the snapshot
        yield connection


@contextmanager
def session(postgres: str) -> Iterator[Connection[TupleRow]]:
    """A connection in autocommit for a long job; `InfrastructureUnreachable` where PostgreSQL fails."""
    try:
        with psycopg.connect(postgres, autocommit=True, application_name="weboffice replay") as connection:
            yield connection
    except psycopg.OperationalError as exc:
        raise InfrastructureUnreachable(f"PostgreSQL: {exc}") from exc
