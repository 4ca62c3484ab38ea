"""What an export holds: each view of the schema `report`, and the documents' parts that no view shows."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.statements import load

_sql = load("ops.export", "tables.sql")

BESIDE_THE_VIEWS = {
    "contacts": "buyers, as the tills sent them",
    "sale_lines": "the lines of `sales`",
    "sale_payments": "what `sales` were paid with; change as a row below 0",
    "return_lines": "the lines of `returns`",
    "return_refunds": "what `returns` were paid back with",
    "moves": "movements of stock otherwise than by receipts",
    "cash_moves": "movements of cash otherwise than by receipts",
    "warehouses": "names of warehouses",
}
"""Tables that analysts have no view of, and what they hold."""
ROWS_AT_A_TIME = 10_000


class Table(Struct, frozen=True):
    """A table of an export: the query of its rows, and its columns, each with its type as PostgreSQL calls it."""

    name: str
    query: bytes
    columns: dict[str, str]
    about: str


def tables(connection: Connection[TupleRow]) -> list[Table]:
    """In the caller's transaction, on the live generation (`register.use`)."""
    found = [
        Table(name, query.encode(), dict(zip(columns, types, strict=True)), f"the view `report.{name}`")
        for name, query, columns, types in connection.execute(_sql["views"]).fetchall()
    ]
    return found + [_described(connection, name, about) for name, about in BESIDE_THE_VIEWS.items()]


def _described(connection: Connection[TupleRow], name: str, about: str) -> Table:
    with connection.cursor("described") as cursor:  # opened and not read
        cursor.execute(_sql[name])
        assert cursor.description is not None  # a query's
        types = {column.name: column.type_display for column in cursor.description}
    return Table(name, _sql[name], types, about)


def rows(connection: Connection[TupleRow], table: Table) -> Iterator[list[TupleRow]]:
    """All rows, some at a time: PostgreSQL keeps a cursor, this process no more than two pieces."""
    with connection.cursor(name=f"export_{table.name}") as cursor:
        cursor.itersize = ROWS_AT_A_TIME
        cursor.execute(table.query)
        while piece := cursor.fetchmany(ROWS_AT_A_TIME):
            yield piece
