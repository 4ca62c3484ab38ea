"""Frames written to PostgreSQL: by COPY, in its own text format, or added to what is stored, as JSON."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

_ESCAPED = {"\\": r"\\", "\n": r"\n", "\t": r"\t", "\r": r"\r"}
"""How COPY's text format writes what separates its columns and lines."""


_SEPARATES = r"[\\\n\t\r]"


_WRITTEN_ROWS = 10_000
"""Rows whose text is made at a time."""


def copy(connection: Connection[TupleRow], statement: bytes, frame: pl.DataFrame, rows: int = _WRITTEN_ROWS) -> None:
    """Writes rows that are certainly not there."""
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for text in copy_texts(frame, rows):
            stream.write(text)


def copy_or_add(
    connection: Connection[TupleRow], statements: Mapping[str, bytes], frame: pl.DataFrame, stored: pl.Series
) -> None:
    """Writes rows by COPY, and adds those that may be `stored` to what is there."""
    copy(connection, statements["copy"], frame.filter(~stored))
    for part in frame.filter(stored).iter_slices(_WRITTEN_ROWS):
        connection.execute(statements["add"], {"rows": as_documents(part)})


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
