"""Rows between memory and PostgreSQL: one statement per read model and batch, whatever the number of rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.models import keys, rows
from projections.models.readmodels import ReadModels
from projections.models.table import Key
from schemas.records import ContactForgotten, UploadRecord
from schemas.statements import load as load_statements

_sql = load_statements("projections.store", "tables.sql")
_encoder = msgspec.json.Encoder()

# table → its row, in the order of writing
_TABLES: dict[str, type[msgspec.Struct]] = {
    "outlet_totals": rows.OutletTotalsRow,
    "daily": rows.DailyRow,
    "hourly": rows.HourlyRow,
    "payments": rows.PaymentsRow,
    "sales": rows.SaleRow,
    "returns": rows.ReturnRow,
    "moves": rows.MoveRow,
    "goods": rows.GoodRow,
    "warehouses": rows.WarehouseRow,
    "stock": rows.StockRow,
    "contacts": rows.ContactRow,
    "forgotten": rows.ForgottenRow,
}
_MOST_WRITTEN = 5_000
"""Rows of one statement. Its text is held four times over on its way, and a replay may write 100,000 goods together."""
_KEY_COLUMNS = {name: msgspec.structs.fields(row) for name, row in _TABLES.items()}
_decoders: dict[str, msgspec.json.Decoder[Any]] = {
    name: msgspec.json.Decoder(list[row])  # type: ignore[valid-type]  # a type chosen at run time
    for name, row in _TABLES.items()
}


class Store:
    """Reads the rows that a chunk can touch and writes those it changed."""

    def reset(self) -> None:
        """A transaction failed, or somebody else applied records: what was known of the rows may be wrong."""

    def load(
        self,
        connection: Connection[TupleRow],
        uploads: list[UploadRecord],
        forgotten: Iterable[ContactForgotten] = (),
    ) -> ReadModels:
        """The rows that folding these uploads (and erasures) can read or change."""
        models = ReadModels()
        for name, wanted in keys.documents(uploads).items():
            self.load_rows(connection, models, name, wanted)
        for name, wanted in keys.replaced(uploads, forgotten).items():
            self.load_rows(connection, models, name, wanted)
        if keys.counts_matter(uploads, models):
            self.load_rows(connection, models, "stock", keys.shelves(uploads, models))
        else:
            models.stock.adds = True
        return models

    def load_rows(self, connection: Connection[TupleRow], models: ReadModels, name: str, wanted: set[Key]) -> None:
        """Loads the rows of one table that have the keys `wanted`, as far as there are any."""
        getattr(models, name).ask(wanted)
        self._load(connection, models, name, wanted)

    def _load(self, connection: Connection[TupleRow], models: ReadModels, name: str, wanted: set[Key]) -> None:
        if not wanted:
            return
        width = len(next(iter(wanted)))
        columns = [field.name for field in _KEY_COLUMNS[name][:width]]
        document = _encoder.encode([dict(zip(columns, key, strict=True)) for key in wanted]).decode()
        row = connection.execute(_sql[f"load_{name}"], {"keys": document}).fetchone()
        assert row is not None  # an aggregate always gives one row
        getattr(models, name).load(_decoders[name].decode(row[0]))

    def write(self, connection: Connection[TupleRow], models: ReadModels) -> None:
        """Writes the rows of a chunk that changed."""
        for name in _TABLES:
            self.write_table(connection, models, name)

    def flush(self, connection: Connection[TupleRow]) -> None:
        """The transaction is about to commit: what was kept back is written now."""

    def write_table(self, connection: Connection[TupleRow], models: ReadModels, name: str) -> None:
        """Writes what changed in one table."""
        table = getattr(models, name)
        new, altered = table.changed()
        self.upsert(connection, name, new + altered, "add" if table.adds else "write")
        table.settle()

    def upsert(
        self, connection: Connection[TupleRow], name: str, changed: list[msgspec.Struct], how: str = "write"
    ) -> None:
        """Writes rows that may be there already; how many they ever are, a statement holds a part of them."""
        for start in range(0, len(changed), _MOST_WRITTEN):
            rows = _encoder.encode(changed[start : start + _MOST_WRITTEN]).decode()
            connection.execute(_sql[f"{how}_{name}"], {"rows": rows})
