"""A store for a partition that is folded from its beginning by nobody else: it knows what it wrote.

Documents that were certainly not there before are not looked for; a Bloom filter of fixed size says which. States are
kept in memory, so that a figure that a thousand sales move is written once, when the transaction commits. Sums are kept
likewise, but written and let go as the log moves on: they are only added to. The filter remembers what was let go. So
the memory does not grow with the log. See docs/decisions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from projections.kinds.fold import Fold
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Counter, States
from projections.kinds.table import Key
from projections.store.bloom import Bloom
from projections.store.live import Store, load_rows, write_rows
from schemas.records import ContactForgotten, UploadRecord

KEPT_ROWS = 150_000
"""Most rows kept beside those of the batch in hand: about 60 MB. Goods decide how many there are."""
SUM_ROWS = 10_000
"""Of those, most rows of sums: a log moves on from day to day, so they would be as many as it has days."""
_BLOCK = 256
"""Rows that are handed over to COPY together."""


class BulkStore(Store):
    """Begins with a partition's first record; after `reset` it is an ordinary store that keeps what it reads."""

    def __init__(self) -> None:
        self._seen: Bloom | None = Bloom()
        """Documents that were written and other rows that were let go; None: whatever is not kept is looked for."""
        self._fold: Fold | None = None
        self._models = ReadModels(())
        self._complete = True  # a state whose key is not kept has no row

    def reset(self) -> None:
        if self._fold is not None:
            for each in (*self._fold.sums, *self._fold.states):
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
        if self.kept(fold.sums) + self.kept(fold.states) > KEPT_ROWS:
            self._write_sums(connection, fold)
            self._let_go_of_states(connection, fold)
            self._complete = False
        elif self.kept(fold.sums) > SUM_ROWS:
            self._write_sums(connection, fold)
        for documents, keys in zip(fold.documents, fold.document_keys(uploads).values(), strict=True):
            unknown = keys if self._seen is None else self._seen.add(documents.name, keys)
            load_rows(connection, documents, models[documents], keys, unknown)
        for register, keys in zip(fold.registers, fold.register_keys(uploads).values(), strict=True):
            load_rows(connection, register, models[register], keys)
        for state in fold.states:
            models[state].complete = self._complete
        if not self._complete:
            self._load_states(connection, fold, uploads, orders)
        return models

    def _of(self, fold: Fold) -> ReadModels:
        if self._fold is not fold:
            assert self._fold is None, "a bulk replay fills one generation"
            self._fold, self._models = fold, ReadModels(fold.held)
        return self._models

    def _load_states(
        self,
        connection: Connection[TupleRow],
        fold: Fold,
        uploads: list[UploadRecord],
        orders: Sequence[ContactForgotten],
    ) -> None:
        state_keys = fold.state_keys(uploads, orders)
        for state in fold.states:
            table = self._models[state]
            keys = state_keys[state.name] | fold.followed_keys(state, uploads, self._models)
            unknown = {key for key in keys if key not in table and self._may_be_stored(state, key)}
            load_rows(connection, state, table, keys, unknown)

    def kept(self, projections: Iterable[Projection]) -> int:
        """How many rows of these projections it holds."""
        return sum(len(self._models.tables[each.name]) for each in projections)

    def _may_be_stored(self, projection: Projection, key: Key) -> bool:
        return self._seen is None or self._seen.may_hold(projection.name, key)

    def _let_go_of_states(self, connection: Connection[TupleRow], fold: Fold) -> None:
        """Writes what changed; lets go of rows that did not change since last time."""
        for state in fold.states:
            table = self._models[state]
            self._write_state(connection, state)
            gone = table.shrink()
            if self._seen is not None:
                self._seen.add(state.name, gone)
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

    def flush(self, connection: Connection[TupleRow]) -> None:
        if self._fold is None:
            return
        self._write_sums(connection, self._fold)
        for state in self._fold.states:
            self._write_state(connection, state)
            self._models[state].settle()

    def _write_sums(self, connection: Connection[TupleRow], fold: Fold) -> None:
        """By COPY what was never written before, as nobody else writes into the generation; the rest is added."""
        for sums in fold.sums:
            table = self._models[sums]
            keys = sorted(table.rows)
            again = set(keys) if self._seen is None else self._seen.add(sums.name, keys)
            _copy(connection, sums, [table.rows[key] for key in keys if key not in again])
            write_rows(connection, sums, [table.rows[key] for key in keys if key in again], "add")
            table.clear()  # what they hold is no longer all of a figure

    def _write_state(self, connection: Connection[TupleRow], state: States[Any] | Counter[Any]) -> None:
        new, altered = self._models[state].changed()
        if state.copy_line is None:
            altered += new
        else:
            _copy(connection, state, new)
        write_rows(connection, state, altered, "write")


def _copy(connection: Connection[TupleRow], projection: Projection, rows: Sequence[Any]) -> None:
    """Writes new rows, that are certainly not there: four times as quick as a statement that looks."""
    line = projection.copy_line
    if not rows or line is None:
        return
    with connection.cursor() as cursor, cursor.copy(projection.statements["copy"]) as stream:
        for start in range(0, len(rows), _BLOCK):
            stream.write("".join(map(line, rows[start : start + _BLOCK])))
