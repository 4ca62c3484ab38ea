"""The rows of an outlet in PostgreSQL, in the shapes in which `tests.projections.recounts` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import msgspec
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from projections.kinds.readmodels import Projection
from projections.models import BOOKKEEPING, PROJECTIONS
from schemas.statements import load
from tests.projections.recounts import Rows

_sql = load("tests.projections", "tables.sql")
PROVENANCE = {"run", "seq", "log_offset", "log_time", "applied_no", "counted_no"}
"""Where a row comes from is nothing that a recount could know, unless the row is known by it."""


class Tables:
    """Reads a generation's tables; `empty` clears them for the next example of a property test."""

    def __init__(self, connection: Connection[TupleRow], schema: str = "gen_1") -> None:
        self._connection = connection
        connection.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(schema)))

    def empty(self) -> None:
        for each in (*BOOKKEEPING, *PROJECTIONS):
            self._connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(each.name)))
        self._connection.execute(_sql["empty_registers"])

    def read(self, projection: Projection, outlet: str) -> Rows:
        """All business content of an outlet in a projection's table."""
        columns = business_columns(projection)
        statement = sql.SQL("SELECT {} FROM {} WHERE outlet_id = %s").format(
            sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(projection.name)
        )
        found = self._connection.execute(statement, (outlet,)).fetchall()
        return as_counted(projection, columns, found)

    def everything(self, outlet: str) -> dict[str, Rows]:
        """All business content of an outlet, for comparing two deliveries of one history."""
        return {each.name: self.read(each, outlet) for each in PROJECTIONS}

    def rows(self, name: str, outlet: str) -> list[tuple[Any, ...]]:
        """What a statement of tables.sql gives."""
        return self._connection.execute(_sql[name], {"outlet": outlet}).fetchall()

    def ledger(self, outlet: str) -> dict[tuple[str, str], dict[str, int]]:
        """(till, run) → what became of the events read."""
        names = ("through", "read", "applied", "duplicate", "waiting", "quarantined", "discarded")
        return {
            (till, run): dict(zip(names, counts, strict=True)) for till, run, *counts in self.rows("ledger", outlet)
        }

    def stubs(self, outlet: str) -> dict[tuple[str, str], list[int]]:
        """(till, run) → the numbers that a stub holds."""
        return {(till, run): numbers for till, run, numbers in self.rows("stubs", outlet)}


def business_columns(projection: Projection) -> list[str]:
    """The columns that say something of the shop, those of the key first."""
    return [column.name for column in projection.columns if column.name not in PROVENANCE.difference(projection.key)]


def as_counted(projection: Projection, columns: Sequence[str], found: Iterable[Sequence[Any]]) -> Rows:
    """Rows as a recount gives them: by key without the outlet, exact, and without those that say nothing."""
    width = projection.key_width
    rows = {
        tuple(map(plain, row[1:width])): dict(zip(columns[width:], map(plain, row[width:]), strict=True))
        for row in found
    }
    return said(rows)


def said(rows: Rows) -> Rows:
    """The rows that say something: a day whose receipts all moved away keeps a row of zeros."""
    return {key: row for key, row in rows.items() if not all(_is_zero(value) for value in row.values())}


def _is_zero(value: Any) -> bool:
    return isinstance(value, int | Fraction) and not isinstance(value, bool) and value == 0


def plain(value: Any) -> Any:
    """A value as the recounts have it: exact numbers, ids as text, documents as JSON values."""
    match value:
        case Decimal():
            return Fraction(value)
        case UUID():
            return str(value)
        case list():
            return [plain(part) for part in value]
        case msgspec.Struct():
            return msgspec.to_builtins(value)
        case _:
            return value
