"""The columns of a row: each field of its struct by name, and what PostgreSQL calls its type.

The usual types follow from Python's; where a table has another one, the field says so (`Uuid`, `Smallint`, `Bigint`).
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from msgspec import Meta, Struct

Uuid = Annotated[str, Meta(extra={"postgres": "uuid"})]
Smallint = Annotated[int, Meta(extra={"postgres": "smallint"})]
Bigint = Annotated[int, Meta(extra={"postgres": "bigint"})]

_USUAL = {
    str: "text",
    int: "integer",
    bool: "boolean",
    Decimal: "numeric",
    date: "date",
    datetime: "timestamptz",
    list: "jsonb",
}


class Column(Struct, frozen=True):
    """A column; `annotation` is the field's type as its struct has it."""

    name: str
    postgres: str
    optional: bool
    annotation: Any


def columns(row: type[Struct]) -> tuple[Column, ...]:
    """The columns of a row's struct in order. Raises `TypeError` for a type that no column has."""
    hints = get_type_hints(row, include_extras=True)
    return tuple(_column(f"{row.__name__}.{name}", name, hints[name]) for name in row.__struct_fields__)


def _column(where: str, name: str, annotation: Any) -> Column:
    if not name.isidentifier():
        raise TypeError(f"{where} is no name for a column")
    inner, optional = _without_none(annotation)
    postgres = None
    if get_origin(inner) is Annotated:
        base, *metas = get_args(inner)
        extras = [meta.extra for meta in metas if isinstance(meta, Meta) and meta.extra]
        postgres = next((extra["postgres"] for extra in extras if "postgres" in extra), None)
        inner = base
    postgres = postgres or _USUAL.get(get_origin(inner) or inner)
    if postgres is None:
        raise TypeError(f"{where} is of {annotation}, for which no column type is known")
    return Column(name, postgres, optional, annotation)


def _without_none(annotation: Any) -> tuple[Any, bool]:
    if get_origin(annotation) in (Union, UnionType):
        [inner] = [part for part in get_args(annotation) if part is not NoneType]
        return inner, True
    return annotation, False
