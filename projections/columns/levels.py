"""Stock in columns: what plain sales take out of warehouses, held as parts to be added to the rows of levels.

Whether a line counts is said by the count that stands when it is applied; all counts of the partition are known here.
After that it is only added to. Rows that something else is about are given back to the table of levels, which folds
them row by row (`projections.kinds.levels`); what came for them meanwhile is added when both are written.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC
from decimal import Decimal
from typing import Any

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from projections.columns.derived import DECIMAL
from projections.columns.text import copy_or_add
from projections.kinds.levels import Levels, LevelTable
from projections.kinds.table import Key
from projections.store.bloom import Bloom

_UTC = pl.Datetime("us", "UTC")


class LevelColumns:
    """Parts of the levels of one declaration."""

    def __init__(self, level: Levels[Any]) -> None:
        self._level = level
        self._key = list(level.key)
        self._text = dict.fromkeys(self._key, pl.String)
        self._parts: list[pl.DataFrame] = []
        self._counts = pl.DataFrame(schema={**self._text, "counted_at": _UTC, "counted_no": pl.Int64})

    def add(self, moved: pl.DataFrame) -> None:
        """Adds rows that moved levels: the key, `quantity`, `effective_at`, `applied_no`."""
        if self._counts.height:
            outlets = moved[self._key[0]].unique()
            counts = self._counts.filter(pl.col(self._key[0]).is_in(outlets.implode()))
            moved = moved.join(counts, on=self._key, how="left", maintain_order="left")
            at, turn = pl.col("effective_at"), pl.col("applied_no")
            later = (at > pl.col("counted_at")) | ((at == pl.col("counted_at")) & (turn > pl.col("counted_no")))
            counted = pl.col("counted_at").is_not_null()
            moved = moved.with_columns(
                quantity=pl.when(counted & ~later).then(pl.lit(0).cast(DECIMAL)).otherwise(pl.col("quantity"))
            )
        self._parts.append(moved.select(*self._key, "quantity", moved_at="effective_at"))

    def give_back(self, keys: Collection[Key], table: LevelTable[Any]) -> None:
        """Adds what is held of these keys to their rows in the table, which knows of each whether it is stored."""
        if not keys or not self._parts:
            return
        asked = pl.DataFrame(sorted(keys), schema=self._text, orient="row").with_columns(asked=pl.lit(True))
        whole = self._whole().join(asked, on=self._key, how="left")
        for *key, quantity, moved_at in whole.filter("asked").drop("asked").iter_rows():
            row = table.open(tuple(key), self._level.row)
            row.quantity += _plain(quantity)
            moment = moved_at.astimezone(UTC)
            if row.moved_at is None or moment > row.moved_at:
                row.moved_at = moment
        self._parts = [whole.filter(pl.col("asked").is_null()).drop("asked")]

    def note_counts(self, table: LevelTable[Any]) -> None:
        """Takes note of the counts that stand now, of the rows that a chunk was about."""
        rows = [
            (*key, row.counted_at.astimezone(UTC), row.counted_no)
            for key in table.asked
            if (row := table.altered.get(key)) is not None and row.counted_at is not None
        ]
        if rows:
            noted = pl.DataFrame(rows, schema=self._counts.schema, orient="row")
            self._counts = pl.concat([self._counts, noted]).unique(self._key, keep="last", maintain_order=True)

    def write(self, connection: Connection[TupleRow], seen: Bloom | None) -> None:
        """Writes what is held and lets it go; `seen` remembers its keys, None where any may be stored."""
        whole = self._whole().sort(self._key) if self._parts else None
        self._parts.clear()
        if whole is None or not whole.height:
            return
        keys = list(whole.select(self._key).iter_rows())
        again = set(keys) if seen is None else seen.add(self._level.name, keys)
        stored = pl.Series([key in again for key in keys], dtype=pl.Boolean)
        rows = whole.with_columns(
            counted_at=pl.lit(None, pl.String),
            counted_no=pl.lit(0),
            moved_at=pl.col("moved_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f+00:00"),
        ).select(column.name for column in self._level.columns)
        copy_or_add(connection, self._level.statements, rows, stored)

    def clear(self) -> None:
        self._parts.clear()

    def _whole(self) -> pl.DataFrame:
        whole = pl.concat(self._parts).group_by(self._key).agg(pl.col("quantity").sum(), pl.col("moved_at").max())
        self._parts = [whole]
        return whole


def _plain(quantity: Decimal) -> Decimal:
    """Without zeros at its end."""
    whole = quantity.to_integral_value()
    return whole if whole == quantity else quantity.normalize()
