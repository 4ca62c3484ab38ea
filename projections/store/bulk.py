"""A store for a partition that is folded from its beginning by nobody else: it knows what it wrote.

Documents that were certainly not there before are not looked for; a Bloom filter of fixed size says which. States and
levels are kept in memory, so that a figure that a thousand sales move is written once, when the transaction commits.
Sums are kept likewise, but written and let go as the log moves on: they are only added to. The filter remembers what
was let go. So the memory does not grow with the log. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.kinds.fold import Fold
from projections.kinds.levels import Levels, Moment
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums
from projections.kinds.table import Key
from projections.store.bloom import Bloom
from projections.store.live import (
    Store,
    all_of,
    load_consulted,
    load_later,
    load_past,
    load_rows,
    load_twins,
    write_rows,
)
from schemas.records import ContactForgotten, UploadRecord

KEPT_ROWS = 150_000
"""Most rows kept beside those of the batch in hand: about 60 MB. Goods decide how many there are."""
SUM_ROWS = 10_000
"""Of those, most rows of sums: a log moves on from day to day, so they would be as many as it has days. Beyond it, the
sums that hold most are written: those by good are many rows, and those by day would be written again and again."""
_Altered = States[Any] | Counter[Any] | Levels[Any]
_BLOCK = 256
"""Rows that are handed over to COPY together."""


class BulkStore(Store):
    """Begins with a partition's first record; after `reset` it is an ordinary store that keeps what it reads."""

    sum_rows_weight = 1
    """So many rows of sums take the memory of one row that is kept."""

    def __init__(self) -> None:
        self._seen: Bloom | None = Bloom()
        """Documents that were written and other rows that were let go; None: whatever is not kept is looked for."""
        self._fold: Fold | None = None
        self._models = ReadModels(())
        self._complete = True  # a state whose key is not kept has no row

    def reset(self) -> None:
        if self._fold is not None:
            for each in (*self._fold.sums, *_altered(self._fold)):
                self._models.tables[each.name].clear()
        self._complete = False
        self._seen = None

    def load(
        self,
        connection: Connection[TupleRow],
        fold: Fold,
        uploads: list[UploadRecord],
        orders: Sequence[ContactForgotten] = (),
    ) -> ReadModels:
        models = self._of(fold)
        for name in (*(each.name for each in fold.documents), *(each.name for each in fold.registers)):
            models.tables[name].clear()
        most_sums = SUM_ROWS * self.sum_rows_weight
        if self.kept(fold.sums) // self.sum_rows_weight + self.kept(_altered(fold)) > KEPT_ROWS:
            self._write_sums(connection, fold.sums)
            self._let_go_of_rows(connection, fold)
            self._complete = False
        elif self.kept(fold.sums) > most_sums:
            self._write_sums(
                connection, [each for each in fold.sums if self.kept([each]) > most_sums // len(fold.sums)]
            )
        for documents, keys in zip(fold.documents, fold.document_keys(uploads).values(), strict=True):
            unknown = keys if self._seen is None else self._seen.add(documents.name, keys)
            load_rows(connection, documents, models[documents], keys, unknown)
        load_twins(connection, fold, uploads, models, all_of if self._seen is None else self._seen.add)
        for register, keys in zip(fold.registers, fold.register_keys(uploads).values(), strict=True):
            load_rows(connection, register, models[register], keys)
        load_consulted(connection, fold, uploads, models)
        for each in _altered(fold):
            models.tables[each.name].complete = self._is_complete(each)
        self._load_altered(connection, fold, uploads, orders)
        load_past(connection, fold, uploads, models)
        for level in fold.levels:
            self._load_later(connection, level, models, fold.new_counts(level, uploads, models))
        return models

    def _load_later(
        self, connection: Connection[TupleRow], level: Levels[Any], models: ReadModels, counts: Collection[Moment]
    ) -> None:
        load_later(connection, level, models, counts)

    def _of(self, fold: Fold) -> ReadModels:
        if self._fold is not fold:
            assert self._fold is None, "a bulk replay fills one generation"
            self._fold, self._models = fold, ReadModels(fold.held)
        return self._models

    def _load_altered(
        self,
        connection: Connection[TupleRow],
        fold: Fold,
        uploads: list[UploadRecord],
        orders: Sequence[ContactForgotten],
    ) -> None:
        """Loads what is altered by these uploads, of the projections whose stored rows are not all kept."""
        models = self._models
        states = [state for state in fold.states if not models[state].complete]
        state_keys = fold.state_keys(uploads, orders) if states else {}
        wanted: list[tuple[_Altered, set[Key]]] = [
            *((state, state_keys[state.name] | fold.followed_keys(state, uploads, models)) for state in states),
            *((level, fold.level_keys(level, uploads, models)) for level in fold.levels if not models[level].complete),
        ]
        for each, keys in wanted:
            table = self._models[each]
            keys.update(self._also(each))
            unknown = {key for key in keys if key not in table and self._may_be_stored(each, key)}
            load_rows(connection, each, table, keys, unknown)

    def _also(self, projection: _Altered) -> Collection[Key]:
        """Rows that are read beside those that the uploads in hand are about."""
        return ()

    def _is_complete(self, projection: _Altered) -> bool:
        """Whether all of its stored rows are kept."""
        return self._complete

    def kept(self, projections: Iterable[Projection]) -> int:
        """How many rows of these projections it holds."""
        return sum(len(self._models.tables[each.name]) for each in projections)

    def _may_be_stored(self, projection: Projection, key: Key) -> bool:
        return self._seen is None or self._seen.may_hold(projection.name, key)

    def _let_go_of_rows(self, connection: Connection[TupleRow], fold: Fold) -> None:
        """Writes what changed; lets go of rows that did not change since last time."""
        for each in _altered(fold):
            table = self._models[each]
            self._write_altered(connection, each)
            gone = table.shrink()
            if self._seen is not None:
                self._seen.add(each.name, gone)
            table.settle()

    def write(self, connection: Connection[TupleRow], fold: Fold, models: ReadModels) -> None:
        for documents in fold.documents:
            new, altered = models[documents].changed()
            _copy(connection, documents, new)
            write_rows(connection, documents, altered, "write")
            models[documents].settle()
        for register in fold.registers:
            new, altered = models[register].changed()
            write_rows(connection, register, new + altered, "write")
            models[register].settle()

    def forget_outlet(self, outlet: str) -> None:
        if self._fold is not None:
            for each in _altered(self._fold):
                self._models[each].forget_outlet(outlet)

    def flush(self, connection: Connection[TupleRow]) -> None:
        if self._fold is None:
            return
        self._write_sums(connection, self._fold.sums)
        for each in _altered(self._fold):
            self._write_altered(connection, each)
            self._models[each].settle()

    def _write_sums(self, connection: Connection[TupleRow], written: Iterable[Sums]) -> None:
        """By COPY what was never written before, as nobody else writes into the generation; the rest is added."""
        for sums in written:
            table = self._models[sums]
            keys = sorted(table.rows)
            again = set(keys) if self._seen is None else self._seen.add(sums.name, keys)
            _copy(connection, sums, [table.rows[key] for key in keys if key not in again])
            write_rows(connection, sums, [table.rows[key] for key in keys if key in again], "add")
            table.clear()  # what they hold is no longer all of a figure

    def _write_altered(self, connection: Connection[TupleRow], projection: _Altered) -> None:
        new, altered = self._models[projection].changed()
        if projection.copy_line is None:
            altered += new
        else:
            _copy(connection, projection, new)
        write_rows(connection, projection, altered, "write")


def _altered(fold: Fold) -> list[_Altered]:
    """The projections whose rows are kept in memory and altered there."""
    return [*fold.states, *fold.levels]


def _copy(connection: Connection[TupleRow], projection: Projection, rows: Sequence[Any]) -> None:
    """Writes new rows, that are certainly not there: four times as quick as a statement that looks."""
    line = projection.copy_line
    if not rows or line is None:
        return
    with connection.cursor() as cursor, cursor.copy(projection.statements["copy"]) as stream:
        for start in range(0, len(rows), _BLOCK):
            stream.write("".join(map(line, rows[start : start + _BLOCK])))
