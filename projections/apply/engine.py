"""Applies batches of the log to the live read models: rows, runs and positions in one transaction.

A batch's transaction first holds the live generation and the positions of its partitions. Records before a position
were applied already and are passed over; a record after it shows a hole in what was read (`PositionConflict`). So
neither a second worker left over from a rebalance nor a repeated batch applies anything twice.
"""

from __future__ import annotations

import traceback
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from decimal import localcontext

import msgspec
import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.apply import refold, witnesses
from projections.apply.flood import Doubt, InDoubt, Regressions
from projections.apply.outcome import Applied, FoldFailed, PositionConflict
from projections.apply.transaction import Intake
from projections.apply.witnesses import LookBack, Notes
from projections.generations import register
from projections.generations.register import Generation
from projections.kinds.pieces import PieceId
from projections.logs.applied import position as applied_position
from projections.logs.faults import Position
from projections.models.versions import fold_of
from projections.store.live import Store
from schemas.failpoints import fail_point
from schemas.log import LogRecord
from schemas.statements import load as load_statements

__all__ = ["Applied", "Engine", "PositionConflict"]

_sql = load_statements("projections.apply", "engine.sql")
_encoder = msgspec.json.Encoder()

_FROZEN_AFTER_S = 30
"""Longer than folding a chunk takes between two statements, on the slowest machine."""


class Engine:
    """Applies records of `events` to a generation, the live one unless another is given by its number.

    With `outlets`, only records of those are folded; the positions pass over the others. `look_back` reads witnesses of
    the live generation in the log: without it, records are set aside however many they are. One connection; not for
    use by two threads at once.
    """

    def __init__(
        self,
        postgres: str,
        generation: int | None = None,
        outlets: Collection[str] | None = None,
        store: Store | None = None,
        look_back: LookBack | None = None,
    ) -> None:
        self._store = store or Store()
        self._postgres = postgres
        self._generation = generation
        self._look_back = look_back
        self._doubt = Doubt()
        self._notes = Notes() if generation is None else None
        self._regressions = Regressions()
        self._keys = None if outlets is None else frozenset(outlet.encode() for outlet in outlets)
        self._connection: Connection[TupleRow] | None = None
        self._in_common = False
        self.log_id = ""
        """The id of the topic that the records given to `apply` are of; empty where nobody says."""

    def start_offsets(self, partitions: Sequence[int]) -> dict[int, int]:
        """The offset each partition goes on from."""
        return {partition: position.next_offset for partition, position in self.positions(partitions).items()}

    def positions(self, partitions: Sequence[int]) -> dict[int, Position]:
        """Where each partition goes on, and in which log."""
        with self._connected().transaction():
            self._use_generation(self._connected())
            rows = self._connected().execute(_sql["start_offsets"], {"partitions": list(partitions)}).fetchall()
        stored = {partition: applied_position(*rest) for partition, *rest in rows}
        return {partition: stored.get(partition, Position()) for partition in partitions}

    def outdated(self) -> str | None:
        """A notice where the live generation was made by another version of the fold; else None."""
        return register.live_is_outdated(self._connected())

    def apply(self, records: Sequence[LogRecord]) -> Applied:
        """Applies a batch, in one transaction where nothing is wrong with it; each partition's records in order.

        A record that cannot be folded is set aside and its run waits behind it; to find it, the batch is applied
        record by record. Nothing is written where it raises: `PositionConflict`, `QuarantineFlood`, what `look_back`
        raises, or `psycopg.Error` where PostgreSQL fails.
        """
        if self._in_common:
            return self._transact(records, {}, one_by_one=False)
        while True:
            try:
                return self._apply(records)
            except InDoubt:
                self._store.reset()
                assert self._look_back is not None  # else nothing is doubted
                self._hear_witnesses(self._look_back)

    def _apply(self, records: Sequence[LogRecord]) -> Applied:
        with suppress(FoldFailed):  # which record it is comes out below, with a traceback of its own
            return self._transact(records, {}, one_by_one=False)
        self._store.reset()
        total = Applied()
        for record in records:
            total.add(self._apply_alone(record))
        return total

    def _hear_witnesses(self, look_back: LookBack) -> None:
        """Folds once more some of what was folded before. Raises `QuarantineFlood` where this program can't."""
        called = witnesses.sample(self._connected(), self._doubt.outlets)
        refold.check(self._connected(), look_back(called))
        self._doubt.settled()

    @contextmanager
    def in_common(self) -> Iterator[None]:
        """The batches applied inside commit together, at the end; what the store kept back is written once.

        Raises `FoldFailed` as soon as something cannot be folded; then nothing of them is written, and they have to be
        applied by themselves.
        """
        self._in_common = True
        try:
            with self._connected().transaction(), localcontext(prec=60):
                yield
                self._flush()
        except BaseException:
            self._store.reset()
            raise
        finally:
            self._in_common = False

    def _flush(self) -> None:
        try:
            self._store.flush(self._connected())
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception as exc:  # a text that PostgreSQL can't hold, say
            raise FoldFailed(("", "", "", 0)) from exc

    def _apply_alone(self, record: LogRecord) -> Applied:
        broken: dict[PieceId, str] = {}
        while True:
            try:
                return self._transact([record], broken, one_by_one=True)
            except FoldFailed as exc:
                self._store.reset()
                if exc.piece in broken:  # set aside already: the fault is not in this piece
                    raise
                broken[exc.piece] = "".join(traceback.format_exception(exc.__cause__))

    def _transact(self, records: Sequence[LogRecord], broken: Mapping[PieceId, str], one_by_one: bool) -> Applied:
        connection = self._connected()
        with connection.transaction(), localcontext(prec=60):
            generation = self._use_generation(connection)
            fold = fold_of(generation.projections)
            fresh = self._hold_positions(connection, records)
            if len(fresh) < len(records):
                self._store.reset()
            if self._notes is not None:
                self._notes.begin()
            intake = Intake(connection, self._store, fold, broken, one_by_one, self._notes)
            outlets = intake.take([record for record in fresh if self._keys is None or record.key in self._keys])
            if not self._in_common:
                self._store.flush(connection)
            self._move_positions(connection, fresh)
            if intake.set_aside and self._generation is not None:
                self._regressions.of(connection, generation, intake.set_aside)
            elif intake.set_aside and self._look_back is not None:
                self._doubt.of(intake.set_aside)
            if self._notes is not None:
                self._notes.write(connection)
                connection.execute(_sql["notify"], {"outlets": sorted(outlets)})
                fail_point("project.before_commit")
        return intake.applied

    def _use_generation(self, connection: Connection[TupleRow]) -> Generation:
        """Holds the generation, in the caller's transaction."""
        if self._generation is None:
            held = register.hold_live(connection)
        else:
            held = register.numbered(connection, self._generation)
        register.use(connection, held)
        return held

    def _hold_positions(self, connection: Connection[TupleRow], records: Sequence[LogRecord]) -> list[LogRecord]:
        """Locks the positions and returns the records that come next after them."""
        partitions = {"partitions": sorted({record.partition for record in records})}
        rows = connection.execute(_sql["hold_positions"], partitions).fetchall()
        if len(rows) < len(partitions["partitions"]):  # the first batch of a partition
            connection.execute(_sql["open_positions"], partitions)
            rows = connection.execute(_sql["hold_positions"], partitions).fetchall()
        for partition, _, topic_id in rows:
            if topic_id and self.log_id and topic_id != self.log_id:
                raise PositionConflict(
                    f"partition {partition}: its position is of the log {topic_id}, not {self.log_id}"
                )
        next_offsets: dict[int, int] = {partition: next_offset for partition, next_offset, _ in rows}
        fresh = []
        for record in records:
            expected = next_offsets[record.partition]
            if record.offset > expected:
                raise PositionConflict(
                    f"partition {record.partition}: offset {record.offset} was read, {expected} comes next"
                )
            if record.offset == expected:
                fresh.append(record)
                next_offsets[record.partition] = expected + 1
        return fresh

    def _move_positions(self, connection: Connection[TupleRow], records: Iterable[LogRecord]) -> None:
        last = {record.partition: record for record in records}
        rows = [
            {"partition": partition, "next_offset": record.offset + 1, "log_time": record.timestamp}
            for partition, record in sorted(last.items())
        ]
        if rows:
            parameters = {"rows": _encoder.encode(rows).decode(), "topic_id": self.log_id or None}
            connection.execute(_sql["move_positions"], parameters)

    def _connected(self) -> Connection[TupleRow]:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(
                self._postgres, autocommit=True, application_name="weboffice project", options=self._session_options()
            )
        return self._connection

    def _session_options(self) -> str:
        """A worker frozen inside a transaction (its machine, its network) must not hold the positions for ever."""
        return f"-c idle_in_transaction_session_timeout={_FROZEN_AFTER_S}s" if self._generation is None else ""

    def close(self) -> None:
        """Closes the connection; the engine opens a new one when used again."""
        if self._connection is not None:
            self._connection.close()
