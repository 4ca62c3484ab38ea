"""The bulk store that folds plain sales and adds up all sums in columns; its rows are those that any store writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from msgspec.structs import replace
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.columns.folding import PlainSales
from projections.columns.levels import LevelColumns
from projections.columns.plain import Chunk
from projections.columns.raws import RawUpload, in_full, read_raw
from projections.columns.sums import SumColumns
from projections.kinds.fold import Fold
from projections.kinds.levels import Levels, Moment
from projections.kinds.pieces import Piece
from projections.kinds.readmodels import Projection, ReadModels
from projections.kinds.states import Counter, States
from projections.kinds.sums import Sums
from projections.kinds.table import Key
from projections.models import PROJECTIONS
from projections.runs.reading import Reading, read
from projections.store.bulk import BulkStore
from schemas.log import LogRecord
from schemas.records import ContactForgotten


class ColumnStore(BulkStore):
    """A `BulkStore` in columns. Without all projections of this program, and after `reset`, documents go row by row."""

    sum_rows_weight = 20

    def __init__(self) -> None:
        super().__init__()
        self._columns: SumColumns | None = None
        self._levels: dict[str, LevelColumns] = {}
        self._plain: PlainSales | None = None

    @property
    def _in_columns(self) -> bool:
        return self._seen is not None and (self._fold is None or self._fold.projections == PROJECTIONS)

    def read(self, record: LogRecord) -> Reading:
        return read_raw(record) if self._in_columns else read(record)

    def fold(
        self, connection: Connection[TupleRow], fold: Fold, taken: Sequence[Piece | ContactForgotten]
    ) -> list[tuple[Piece, int]]:
        self._of(fold)
        self._plain = None
        of_texts = [turn for turn in taken if isinstance(turn, Piece) and isinstance(turn.upload, RawUpload)]
        if not of_texts:
            return super().fold(connection, fold, taken)
        if not self._in_columns:
            return super().fold(connection, fold, [_in_full(turn) for turn in taken])
        assert self._columns is not None
        assert self._seen is not None
        chunk = Chunk(of_texts, self._seen)
        plain = None if chunk.plain is None else PlainSales(chunk, chunk.plain)
        self._plain = plain
        rest = [turn for turn in taken if not (isinstance(turn, Piece) and isinstance(turn.upload, RawUpload))]
        uploads = [*chunk.uploads, *(turn.upload for turn in rest if isinstance(turn, Piece))]
        models = self.load(connection, fold, uploads, [turn for turn in rest if isinstance(turn, ContactForgotten)])
        if plain is not None:
            plain.begin(models)
        folded = self.turns(fold, models, chunk.turns(taken))
        for level in fold.levels:
            self._levels[level.name].note_counts(models[level])
        if plain is not None:
            plain.end(connection, models, self._columns, self._levels)
        self.write(connection, fold, models)
        return folded

    def reset(self) -> None:
        super().reset()
        if self._columns is not None:
            self._columns.clear()
        for level in self._levels.values():
            level.clear()

    def kept(self, projections: Iterable[Projection]) -> int:
        """How many rows of these projections it holds."""
        projections = list(projections)
        rows = super().kept(projections)
        if self._columns is not None:
            rows += self._columns.rows(each for each in projections if isinstance(each, Sums))
        return rows

    def write(self, connection: Connection[TupleRow], fold: Fold, models: ReadModels) -> None:
        super().write(connection, fold, models)
        assert self._columns is not None
        self._columns.add_up()

    def flush(self, connection: Connection[TupleRow]) -> None:
        """Rows of levels are let go of: what was added to them in columns meanwhile is stored and not in them."""
        super().flush(connection)
        for name, columns in self._levels.items():
            table = self._models.tables[name]
            if self._seen is not None:
                self._seen.add(name, [table.key(row) for row in table.rows()])
            table.clear()
            columns.write(connection, self._seen)

    def _also(self, projection: States[Any] | Counter[Any] | Levels[Any]) -> Collection[Key]:
        return () if self._plain is None else self._plain.keys(projection.name)

    def _is_complete(self, projection: States[Any] | Counter[Any] | Levels[Any]) -> bool:
        return super()._is_complete(projection) and not isinstance(projection, Levels)

    def _of(self, fold: Fold) -> ReadModels:
        models = super()._of(fold)
        if self._columns is None:
            self._columns = SumColumns(fold.sums)
            self._levels = {level.name: LevelColumns(level) for level in fold.levels}
            models.deltas = self._columns.deltas
        return models

    def _load_later(
        self, connection: Connection[TupleRow], level: Levels[Any], models: ReadModels, counts: Collection[Moment]
    ) -> None:
        table = models[level]
        if not table.complete:
            self._levels[level.name].give_back(table.asked, table)
        if level.late(table, counts):
            self._write_sums(connection, [level.moved])  # what moved since is looked for among what is stored
        super()._load_later(connection, level, models, counts)

    def _write_sums(self, connection: Connection[TupleRow], written: Iterable[Sums]) -> None:
        for sums in written:
            assert self._columns is not None
            self._columns.write(connection, sums, self._seen)


def _in_full(turn: Piece | ContactForgotten) -> Piece | ContactForgotten:
    if isinstance(turn, Piece) and isinstance(turn.upload, RawUpload):
        return replace(turn, upload=in_full(turn.upload))
    return turn
