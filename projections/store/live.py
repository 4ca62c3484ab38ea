"""Rows between memory and PostgreSQL: one statement per projection and batch, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.kinds.fold import Fold
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Register
from projections.kinds.table import Key, SumTable, Table
from schemas.records import ContactForgotten, UploadRecord

_encoder = msgspec.json.Encoder()
_MOST_WRITTEN = 5_000
"""Rows of one statement. Its text is held four times over on its way, and a replay may write 100,000 goods together."""


class Store:
    """Reads the rows that a chunk can touch and writes those it changed."""

    def reset(self) -> None:
        """A transaction failed, or somebody else applied records: what was known of the rows may be wrong."""

    def load(
        self,
        connection: Connection[TupleRow],
        fold: Fold,
        uploads: list[UploadRecord],
        orders: Sequence[ContactForgotten] = (),
    ) -> ReadModels:
        """The rows that folding these uploads (and erasures) can read or change."""
        models = ReadModels(fold.held)
        for documents, keys in zip(fold.documents, fold.document_keys(uploads).values(), strict=True):
            load_rows(connection, documents, models[documents], keys)
        for register, keys in zip(fold.registers, fold.register_keys(uploads).values(), strict=True):
            load_rows(connection, register, models[register], keys)
        state_keys = fold.state_keys(uploads, orders)
        for state in fold.states:
            if fold.only_added_to(state, uploads, models):
                models[state].adds = True
            else:
                keys = state_keys[state.name] | fold.followed_keys(state, uploads, models)
                load_rows(connection, state, models[state], keys)
        return models

    def write(self, connection: Connection[TupleRow], fold: Fold, models: ReadModels) -> None:
        """Writes the rows of a chunk that changed."""
        for each in fold.held:
            table = models.tables[each.name]
            if isinstance(table, SumTable):
                write_rows(connection, each, table.in_order(), "add")
                table.clear()
            else:
                new, altered = table.changed()
                write_rows(connection, each, new + altered, "add" if table.adds else "write")
                table.settle()

    def flush(self, connection: Connection[TupleRow]) -> None:
        """The transaction is about to commit: what was kept back is written now."""


def load_rows(
    connection: Connection[TupleRow],
    projection: Projection | Register[Any],
    table: Table[Any],
    keys: Collection[Key],
    unknown: Collection[Key] | None = None,
) -> None:
    """Loads the rows of these keys, as far as there are any; only the `unknown` ones of them are looked for."""
    table.ask(keys)
    wanted = keys if unknown is None else unknown
    if not wanted:
        return
    document = _encoder.encode([dict(zip(projection.key, key, strict=True)) for key in wanted]).decode()
    row = connection.execute(projection.statements["load"], {"keys": document}).fetchone()
    assert row is not None  # an aggregate always gives one row
    table.load(_decoder(projection).decode(row[0]))


def write_rows(
    connection: Connection[TupleRow], projection: Projection | Register[Any], rows: Sequence[Any], statement: str
) -> None:
    """Writes rows that may be there already; however many there are, a statement holds a part of them."""
    for start in range(0, len(rows), _MOST_WRITTEN):
        part = _encoder.encode(rows[start : start + _MOST_WRITTEN]).decode()
        connection.execute(projection.statements[statement], {"rows": part})


@cache
def _decoder(projection: Projection | Register[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[projection.row])  # type: ignore[name-defined]  # a type chosen at run time
