"""A declared sum in columns: the same declaration run by Polars, over frames of its sources' rows.

Bulk will be run this way; until then it shows that a declaration says all that is needed, and keeps both ways equal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from projections.kinds.sums import Feed, Sums

SIGN = "sign of the document"
_TYPES: dict[str, Any] = {
    "uuid": pl.String,
    "text": pl.String,
    "date": pl.Date,
    "smallint": pl.Int64,
    "integer": pl.Int64,
    "bigint": pl.Int64,
    "timestamptz": pl.Datetime("us", "UTC"),
    "numeric": pl.Decimal(38, 6),
}


def frame_of(feed: Feed, documents: Sequence[tuple[int, Any]]) -> pl.DataFrame:
    """The rows that a source makes of documents, each with the sign of its document: +1 as it is, −1 as it was."""
    names = list(feed.source.columns)
    schema = {name: _TYPES[column.postgres] for name, column in feed.source.columns.items()}
    rows = [
        [*(getattr(row, name) for name in names), sign]
        for sign, document in documents
        for row in feed.source.flatten(document)
    ]
    return pl.DataFrame(rows, schema={**schema, SIGN: pl.Int64}, orient="row")


def summed(sums: Sums, frames: Mapping[Feed, pl.DataFrame]) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Key → sums, of all sources; a key that was touched is there, also at 0."""
    types = {column.name: _TYPES[column.postgres] for column in sums.columns}
    parts = []
    for feed, frame in frames.items():
        if feed.only is not None:
            frame = frame.filter(pl.col(feed.only[0]).is_in(list(feed.only[1])))
        added = [
            pl.when(pl.col(SIGN) == 1).then(pl.col(name)).otherwise(-pl.col(name)).sum().alias(name)
            if name in feed.source.columns
            else pl.lit(Decimal(0)).cast(types[name]).alias(name)
            for name in sums.sums
        ]
        parts.append(frame.group_by(list(sums.key)).agg(added))
    whole = pl.concat(parts).group_by(list(sums.key)).agg(pl.col(list(sums.sums)).sum())
    width = len(sums.key)
    return {row[:width]: row[width:] for row in whole.iter_rows()}
