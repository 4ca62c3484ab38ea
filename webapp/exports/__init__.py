"""Lists as files. Here: what a page declares of one, its columns and its rows.

How one becomes a file, and how that reaches its reader, is in the modules beside: `sheet.py` writes CSV and XLSX,
`jobs.py` reads the rows into a file within bounds, `answer.py` sends it, or shows how far it is.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import Struct

from webapp.account import Account

Cell = str | int | Decimal | date | datetime | None
Row = Sequence[Cell]
Rows = AsyncIterator[Row] | AsyncGenerator[Row, None]


class Column(Struct, frozen=True):
    """A column: its heading and how its cells are written. Moments are written by their own clock, so each row by that
    of its outlet, or by that of `zone`. A `code` is a text that a spreadsheet must not take for a number or a date."""

    title: str
    kind: Literal["text", "code", "money", "quantity", "count", "day", "moment"]
    zone: str | None = None


class Part(Struct, frozen=True):
    """A part of a file: its name, its columns, its rows as those of an `Export`."""

    name: str
    columns: list[Column]
    rows: Callable[[Any], Rows]


class Export(Struct, frozen=True):
    """A list to be written, for whom (`account`: whose rows, of which generation).

    `rows` is called with a connection that reads one snapshot of them, and gives the rows as they are read
    (`webapp.database.listed`). It goes on however fast the file is fetched.
    """

    forms: ClassVar = ("csv", "xlsx")

    name: str
    columns: list[Column]
    account: Account
    rows: Callable[[Any], Rows]

    @property
    def parts(self) -> list[Part]:
        return [Part(self.name, self.columns, self.rows)]


class Package(Struct, frozen=True):
    """Several lists in one file, read one after the other out of one snapshot."""

    forms: ClassVar = ("zip",)

    name: str
    parts: list[Part]
    account: Account
