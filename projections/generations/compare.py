"""Two generations side by side: which rows differ, in which columns.

Both must stand at the same offsets, and the caller's transaction must see them so (one snapshot, or applying stopped).
Columns that say where a row came from are no difference; what a fold or an operator did to a figure is.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import msgspec
from msgspec import Struct
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.generations.register import Generation
from projections.models import BOOKKEEPING
from schemas.statements import load

PROVENANCE = ["run", "seq", "applied_no", "counted_no", "record"]
"""Columns that are not business content, where they are not part of a table's key."""
_FAULT = ["reason", "traceback"]
"""How a fault is worded depends on the way in which a row was written, not on what is wrong with it."""
_sql = load("projections.generations", "compare.sql")
_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Difference(Struct, frozen=True):
    """One column of one row; a row that only one side has is one difference with `column` "" and None on the other."""

    table: str
    key: dict[str, Any]
    column: str
    old: Any
    new: Any


class Comparison(Struct):
    """`totals`: table → number of differing rows, where there are any; `differences` lists the first of them.

    `not_compared`: projections that only one of the two has, or each in another version. That is no difference.
    """

    totals: dict[str, int] = {}
    differences: list[Difference] = []
    not_compared: list[str] = []

    @property
    def same(self) -> bool:
        return not self.totals


def compare(
    connection: Connection[TupleRow],
    was: Generation,
    becomes: Generation,
    since: Mapping[str, int] | None = None,
    most: int = 50,
) -> Comparison:
    """What differs; at most `most` rows of each table are listed.

    `since` (outlet id → offset) narrows it to those outlets and, for documents, to what was read from the offset on.
    """
    found = Comparison({}, [], [])
    projections = {*was.projections, *becomes.projections}
    found.not_compared = sorted(
        name for name in projections if was.projections.get(name) != becomes.projections.get(name)
    )
    kept = {each.name for each in BOOKKEEPING if each.compared}
    old_tables, new_tables = tables(connection, was), tables(connection, becomes)
    excepted = {*found.not_compared, *(each.name for each in BOOKKEEPING if not each.compared)}
    for table in sorted({*projections, *kept, *old_tables, *new_tables} - excepted):
        if table not in old_tables or table not in new_tables:
            found.totals[table] = 1
            found.differences.append(Difference(table, {}, "", table in old_tables, table in new_tables))
            continue
        for column in sorted(
            {*_names(connection, "columns", was, table)} ^ {*_names(connection, "columns", becomes, table)}
        ):
            found.totals[table] = 1
            found.differences.append(Difference(table, {}, column, None, None))
        _compare_table(connection, was, becomes, table, since, most, found)
    return found


def tables(connection: Connection[TupleRow], generation: Generation) -> list[str]:
    """All tables of a generation, as the catalogue has them: one too many or too few is found, too."""
    return _names(connection, "tables", generation)


def _compare_table(
    connection: Connection[TupleRow],
    was: Generation,
    becomes: Generation,
    table: str,
    since: Mapping[str, int] | None,
    most: int,
    found: Comparison,
) -> None:
    key = _names(connection, "key", becomes, table)
    rows = connection.execute(
        _sql["differences"],
        {
            "was": was.schema_name,
            "becomes": becomes.schema_name,
            "relation": table,
            "ignored": _ignored(table),
            "since": None if since is None else msgspec.json.encode(since).decode(),
            "most": most,
        },
    ).fetchall()
    if rows:
        found.totals[table] = found.totals.get(table, 0) + rows[0][0]
    for _, old_text, new_text in rows:
        old = _decoder.decode(old_text) if old_text else None
        new = _decoder.decode(new_text) if new_text else None
        found.differences += _columns(table, key, old, new)


def _columns(table: str, key: list[str], old: dict[str, Any] | None, new: dict[str, Any] | None) -> list[Difference]:
    row_key = {name: (new or old or {})[name] for name in key}
    if old is None or new is None:
        return [Difference(table, row_key, "", old, new)]
    return [Difference(table, row_key, name, old[name], new[name]) for name in new if old[name] != new[name]]


def _names(connection: Connection[TupleRow], statement: str, of: Generation, relation: str | None = None) -> list[str]:
    parameters = {"schema_name": of.schema_name, "relation": relation, "ignored": _ignored(relation)}
    return [name for (name,) in connection.execute(_sql[statement], parameters)]


def _ignored(table: str | None) -> list[str]:
    return [*PROVENANCE, *_FAULT] if table == "quarantine" else PROVENANCE
