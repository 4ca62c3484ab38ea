"""The statements of a declared sum, composed once, when the program starts, from the names of its columns.

The one place where SQL is composed: names go in as identifiers, values as parameters, and nothing comes from outside.
`python -m projections.models` shows the result, and a golden file holds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql

from projections.kinds.columns import Column

_TYPES = {name: sql.SQL(name) for name in ("uuid", "text", "integer", "smallint", "bigint", "numeric", "date")}

_CREATE = sql.SQL("CREATE TABLE {table} (\n    {columns},\n    PRIMARY KEY ({key})\n)")
_ADD = sql.SQL(
    "INSERT INTO {table} AS stored ({columns})\n"
    "SELECT {columns} FROM json_populate_recordset(NULL::{table}, {rows}::json)\n"
    "ON CONFLICT ({key}) DO UPDATE SET\n    {added}"
)
_COPY = sql.SQL("COPY {table} ({columns}) FROM STDIN")
_REMOVE = sql.SQL("DELETE FROM {table} WHERE {outlet} = {value}")


def statements(name: str, columns: Sequence[Column], key_width: int) -> Mapping[str, bytes]:
    """`create`, `add` (a batch's own sums, as one JSON array), `copy` and `remove` (an outlet)."""
    table = sql.Identifier(name)
    names = _listed(column.name for column in columns)
    key = _listed(column.name for column in columns[:key_width])
    lines = [sql.SQL("{} {} NOT NULL").format(sql.Identifier(c.name), _TYPES[c.postgres]) for c in columns]
    added = [
        sql.SQL("{0} = stored.{0} + excluded.{0}").format(sql.Identifier(column.name)) for column in columns[key_width:]
    ]
    composed = {
        "create": _CREATE.format(table=table, columns=sql.SQL(",\n    ").join(lines), key=key),
        "add": _ADD.format(
            table=table,
            columns=names,
            rows=sql.Placeholder("rows"),
            key=key,
            added=sql.SQL(",\n    ").join(added),
        ),
        "copy": _COPY.format(table=table, columns=names),
        "remove": _REMOVE.format(table=table, outlet=sql.Identifier("outlet_id"), value=sql.Placeholder("outlet")),
    }
    return {statement: text.as_bytes(None) for statement, text in composed.items()}


def _listed(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
