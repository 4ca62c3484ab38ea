"""A row's line in COPY's text format, put together in one expression.

psycopg's `write_row` takes three times as long for a sale, and the binary format is no quicker for numbers and
documents. Of the ways to write a value out, these are the quick ones: `{decimal!s}` takes a quarter of `{decimal}`, a
moment as JSON a fifth of `isoformat`. Days and optional moments (append times of the log) are kept: rows share them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import msgspec

from projections.kinds.columns import Column
from projections.kinds.compiled import compiled

_encode = msgspec.json.Encoder().encode


def copy_line(name: str, columns: Sequence[Column]) -> Callable[[Any], str]:
    """The function that writes a row's line out, in the order of its columns."""
    values = "\\t".join(_WRITTEN[column.postgres, column.optional].format(f"r.{column.name}") for column in columns)
    source = f'def line_of_{name}(r):\n    return f"{values}\\n"\n'
    return compiled(
        f"line_of_{name}",
        source,
        text=_text,
        optional=_optional,
        optional_number=_optional_number,
        document=_document,
        optional_document=_optional_document,
        moment=_moment,
        optional_moment=_optional_moment,
        day=_day,
    )


_WRITTEN = {
    ("uuid", False): "{{{}}}",
    ("integer", False): "{{{}}}",
    ("smallint", False): "{{{}}}",
    ("bigint", False): "{{{}}}",
    ("boolean", False): "{{{}}}",
    ("numeric", False): "{{{}!s}}",
    ("text", False): "{{text({})}}",
    ("text", True): "{{optional({})}}",
    ("integer", True): "{{optional_number({})}}",
    ("numeric", True): "{{optional_number({})}}",
    ("date", False): "{{day({})}}",
    ("timestamptz", False): "{{moment({})}}",
    ("timestamptz", True): "{{optional_moment({})}}",
    ("jsonb", False): "{{document({})}}",
    ("jsonb", True): "{{optional_document({})}}",
}
"""(type, may be NULL) → how a value goes into the line"""


def _text(value: str) -> str:
    if "\\" in value or "\n" in value or "\t" in value or "\r" in value:
        value = value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return value


def _optional(value: str | None) -> str:
    return "\\N" if value is None else _text(value)


def _optional_number(value: Decimal | int | None) -> str:
    return "\\N" if value is None else str(value)


def _document(value: object) -> str:
    """A document; in JSON only the backslash needs care."""
    text = _encode(value).decode()
    return text.replace("\\", "\\\\") if "\\" in text else text


def _optional_document(value: object) -> str:
    return "\\N" if value is None else _document(value)


def _moment(value: datetime) -> str:
    return _encode(value).decode()[1:-1]


@lru_cache(maxsize=1024)
def _optional_moment(value: datetime | None) -> str:
    return "\\N" if value is None else _moment(value)


@lru_cache(maxsize=1024)
def _day(value: date) -> str:
    return value.isoformat()
