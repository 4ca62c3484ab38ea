"""Rows between memory and PostgreSQL: one statement per projection and batch, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import cache
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.kinds.fold import Fold
from projections.kinds.levels import Levels, Moment
from projections.kinds.pieces import Piece
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Register
from projections.kinds.table import Key, SumTable, Table
from projections.runs.reading import Reading, read
from schemas.log import LogRecord
from schemas.records import ContactForgotten, UploadRecord

_encoder = msgspec.json.Encoder()
_MOST_WRITTEN = 5_000
"""Rows of one statement. Its text is held four times over on its way, and a replay may write 100,000 goods together."""


class Store:
    """Reads the rows that a chunk can touch and writes those it changed."""

    def read(self, record: LogRecord) -> Reading:
        """A record as this store folds it."""
        return read(record)

    def reset(self) -> None:
        """A transaction failed, or somebody else applied records: what was known of the rows may be wrong."""

    def fold(
        self, connection: Connection[TupleRow], fold: Fold, taken: Sequence[Piece | ContactForgotten]
    ) -> list[tuple[Piece, int]]:
        """Folds a chunk: reads its rows, folds it in memory and writes them; gives each piece folded, with the number
        of its withdrawn events."""
        uploads = [turn.upload for turn in taken if isinstance(turn, Piece)]
        models = self.load(connection, fold, uploads, [turn for turn in taken if isinstance(turn, ContactForgotten)])
        folded = self.turns(fold, models, taken)
        self.write(connection, fold, models)
        return folded

    def turns(
        self, fold: Fold, models: ReadModels, taken: Sequence[Piece | ContactForgotten]
    ) -> list[tuple[Piece, int]]:
        """Folds a chunk whose rows are read."""
        folded = []
        for turn in taken:
            if isinstance(turn, ContactForgotten):
                fold.forget(models, turn)
            else:
                folded.append((turn, fold.upload(models, turn.upload, turn.log_offset, turn.log_time)))
        return folded

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
        load_twins(connection, fold, uploads, models)
        for register, keys in zip(fold.registers, fold.register_keys(uploads).values(), strict=True):
            load_rows(connection, register, models[register], keys)
        load_consulted(connection, fold, uploads, models)
        state_keys = fold.state_keys(uploads, orders)
        for state in fold.states:
            keys = state_keys[state.name] | fold.followed_keys(state, uploads, models)
            load_rows(connection, state, models[state], keys)
        load_past(connection, fold, uploads, models)
        for level in fold.levels:
            if fold.only_added_to(level, uploads, models) and not _counted_later(connection, fold, level, uploads):
                models[level].adds = True
            else:
                load_rows(connection, level, models[level], fold.level_keys(level, uploads, models))
                load_later(connection, level, models, fold.new_counts(level, uploads, models))
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

    def forget_outlet(self, outlet: str) -> None:
        """The outlet's rows were deleted."""

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


def all_of(_: str, keys: Collection[Key]) -> Collection[Key]:
    """Any of the keys may be stored."""
    return keys


def of_numbers(documents: str) -> str:
    """Under what name a store remembers the numbers of documents of which one counts."""
    return f"{documents} of numbers"


def load_twins(
    connection: Connection[TupleRow],
    fold: Fold,
    uploads: Sequence[UploadRecord],
    models: ReadModels,
    unknown: Callable[[str, Collection[Key]], Collection[Key]] = all_of,
) -> None:
    """Loads the documents of which one counts, by their numbers; only those that are `unknown(name, keys)`."""
    for documents in fold.documents:
        if documents.once is None:
            continue
        table = models[documents]
        keys = fold.twin_keys(documents, uploads, models)
        if wanted := unknown(of_numbers(documents.name), keys):
            names = ("outlet_id", "fiscal_fn", "fiscal_fd")
            document = _encoder.encode([dict(zip(names, key, strict=True)) for key in wanted]).decode()
            row = connection.execute(documents.statements["of_fiscal"], {"keys": document}).fetchone()
            assert row is not None  # an aggregate always gives one row
            table.load(_decoder(documents).decode(row[0]))
        models.twins[documents.name].begin(documents.once, table, keys)


def load_consulted(
    connection: Connection[TupleRow], fold: Fold, uploads: Sequence[UploadRecord], models: ReadModels
) -> None:
    """Loads the documents that others of a chunk consult, by their ids: those of all tills."""
    models.consulted = {key: {} for key in fold.consulted_keys(uploads)}
    if not models.consulted or fold.consulted is None:
        return
    names = fold.consulted.key[:2]
    document = _encoder.encode([dict(zip(names, key, strict=True)) for key in models.consulted]).decode()
    row = connection.execute(fold.consulted.statements["of_id"], {"keys": document}).fetchone()
    assert row is not None  # an aggregate always gives one row
    id_of = fold.consulted.id_of
    for each in _decoder(fold.consulted).decode(row[0]):
        models.consulted[each.outlet_id, id_of(each)][each.till_id] = each


def load_past(
    connection: Connection[TupleRow], fold: Fold, uploads: Sequence[UploadRecord], models: ReadModels
) -> None:
    """Loads the earlier rows of a state that documents of a chunk consult which replace others."""
    if fold.past is None:
        return
    table = models[fold.past]
    keys = fold.past_keys(uploads, models)
    table.ask(keys.keys())
    wanted = [key for key, unknown in keys.items() if unknown]
    if not wanted or table.complete:
        return
    document = _encoder.encode([dict(zip(fold.past.key, key, strict=True)) for key in wanted]).decode()
    row = connection.execute(fold.past.statements["then"], {"keys": document}).fetchone()
    assert row is not None  # an aggregate always gives one row
    table.load(_decoder(fold.past).decode(row[0]))


def _counted_later(
    connection: Connection[TupleRow], fold: Fold, level: Levels[Any], uploads: list[UploadRecord]
) -> bool:
    """Whether a count is in force that is later than anything of the batch: its rows have to be looked at then."""
    earliest = [{"outlet_id": outlet, "at": at} for outlet, at in fold.earliest(level, uploads).items()]
    if not earliest:
        return False
    parameters = {"earliest": _encoder.encode(earliest).decode()}
    row = connection.execute(level.statements["counted_later"], parameters).fetchone()
    assert row is not None  # EXISTS always gives a row
    return bool(row[0])


def load_later(
    connection: Connection[TupleRow], level: Levels[Any], models: ReadModels, counts: Collection[Moment]
) -> None:
    """Loads for the counts of a chunk what moved later: as stored, and of the sum what is not written yet."""
    table = models[level]
    table.expect(counts)
    late = level.late(table, counts)
    if not late:
        return
    asked = [{**dict(zip(level.key, key, strict=True)), "n": n, "at": at} for n, (key, at) in enumerate(late)]
    found = connection.execute(level.statements["later"], {"late": _encoder.encode(asked).decode()}).fetchall()
    for count, (stored,) in zip(late, found, strict=True):
        table.later[count] = stored + level.moved_since(models[level.moved], table, count)


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
