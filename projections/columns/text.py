"""Frames as text: COPY's own format, and JSON for the statements that add to what is stored."""

from __future__ import annotations

import io
from collections.abc import Iterator

import polars as pl

_ESCAPED = {"\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
"""How COPY's text format writes what separates its columns and lines."""


_SEPARATES = r"[\\\n\t\r]"


def copy_texts(frame: pl.DataFrame, rows: int) -> Iterator[bytes]:
    """The frame in COPY's text format, as `projections.kinds.copylines` writes it, so many rows at a time."""
    special = frame.select(_special(name, kind) for name, kind in frame.schema.items()).row(0, named=True)
    written = frame.select(_written(name, kind, special[name]) for name, kind in frame.schema.items())
    for part in written.iter_slices(rows):
        stream = io.BytesIO()
        part.write_csv(stream, separator="\t", include_header=False, quote_style="never", null_value="\\N")
        yield stream.getvalue()


def as_documents(frame: pl.DataFrame) -> str:
    """The rows as one JSON array."""
    numbers = [name for name, kind in frame.schema.items() if isinstance(kind, pl.Decimal)]
    return frame.with_columns(pl.col(numbers).cast(pl.String)).write_json()


def _special(name: str, kind: pl.DataType) -> pl.Expr:
    """Whether a column has anything that can't be written as it is: a number but 0, a character that separates."""
    if isinstance(kind, pl.Decimal):
        return (pl.col(name) != 0).any()
    if kind == pl.String:
        return pl.col(name).str.contains(_SEPARATES).any()
    return pl.lit(False).alias(name)


def _written(name: str, kind: pl.DataType, special: bool) -> pl.Expr:
    if isinstance(kind, pl.Decimal):
        if not special:
            return pl.lit("0").alias(name)
        return pl.col(name).cast(pl.String).str.strip_chars_end("0").str.strip_chars_end(".")
    return pl.col(name).str.replace_many(_ESCAPED) if special else pl.col(name)
