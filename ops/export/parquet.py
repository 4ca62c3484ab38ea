"""Files of Parquet by Polars, written while they are read: of any number of rows in the same memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

from schemas.errors import UsageError, WebOfficeError

try:
    import polars as pl
    from polars.io.plugins import register_io_source
except ModuleNotFoundError as exc:
    raise UsageError("this needs Polars, which is not installed here: pip install 'weboffice[export]'") from exc

_DIGITS = 38
_PLACES_OF_QUANTITIES = 6
_PLACES_OF_MONEY = 2
QUANTITIES = {"quantity", "returned_quantity", "min_stock", "price", "max_price", "cost"}
"""Columns with up to six places: quantities, and prices and costs of one unit. All other decimals are money."""
_ROWS_OF_A_GROUP = 100_000
_TYPES: dict[str, pl.DataType] = {
    "uuid": pl.String(),
    "text": pl.String(),
    "date": pl.Date(),
    "integer": pl.Int32(),
    "int4": pl.Int32(),
    "boolean": pl.Boolean(),
    "bool": pl.Boolean(),
    "timestamp with time zone": pl.Datetime("us", "UTC"),
    "timestamptz": pl.Datetime("us", "UTC"),
}


class NotExact(WebOfficeError):
    """A figure has more places than its column in the file."""


def write(path: Path, columns: dict[str, str], pieces: Iterator[Sequence[tuple[Any, ...]]]) -> int:
    """Writes a file and returns the number of its rows. `columns`: name → type, as PostgreSQL calls it."""
    schema = pl.Schema({name: column_type(name, kind) for name, kind in columns.items()})
    count = 0

    def frames(
        with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        nonlocal count
        for piece in pieces:
            count += len(piece)
            yield _frame(piece, schema)

    source = register_io_source(frames, schema=schema, is_pure=True)
    source.sink_parquet(path, compression="zstd", row_group_size=_ROWS_OF_A_GROUP, engine="streaming")
    return count


def column_type(name: str, kind: str) -> pl.DataType:
    """The type of a column in the file: decimal128 for what is exact, times with their zone (UTC)."""
    if kind == "numeric":
        return pl.Decimal(_DIGITS, _PLACES_OF_QUANTITIES if name in QUANTITIES else _PLACES_OF_MONEY)
    return _TYPES[kind]


def described(name: str, kind: str) -> str:
    """The type of a column in words, for the list of columns."""
    match column_type(name, kind):
        case pl.Decimal(precision=digits, scale=places):
            return f"decimal128({digits}, {places})"
        case pl.Datetime():
            return "timestamp, UTC"
        case pl.Date():
            return "date"
        case pl.Int32():
            return "int32"
        case pl.Boolean():
            return "boolean"
        case _:
            return "text"


def _frame(rows: Sequence[tuple[Any, ...]], schema: pl.Schema) -> pl.DataFrame:
    """Polars cuts places that do not fit, and says nothing; so they are read with the most there are, and compared."""
    most = pl.Schema(
        {
            name: pl.Decimal(_DIGITS, _PLACES_OF_QUANTITIES) if isinstance(kind, pl.Decimal) else kind
            for name, kind in schema.items()
        }
    )
    wide = pl.DataFrame([tuple(map(_plain, row)) for row in rows], schema=most, orient="row")
    narrow = wide.cast(schema)
    for name, kind in schema.items():
        if isinstance(kind, pl.Decimal) and not narrow[name].cast(most[name]).equals(wide[name], null_equal=True):
            raise NotExact(f"the column {name} has figures with more than {kind.scale} places")
    return narrow


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case Decimal() if -value.as_tuple().exponent > _PLACES_OF_QUANTITIES:  # type: ignore[operator]  # finite
            shorter = value.normalize()
            if -shorter.as_tuple().exponent > _PLACES_OF_QUANTITIES:  # type: ignore[operator]  # finite
                raise NotExact(f"{value} has more than {_PLACES_OF_QUANTITIES} places")
            return shorter
        case _:
            return value
