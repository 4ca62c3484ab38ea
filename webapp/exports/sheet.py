"""CSV and XLSX, written row by row, so that their length costs no memory.

A text that a till sent must not become a formula in somebody's spreadsheet: XLSX cells are written as typed strings; in
CSV, which has no types, a text that begins like a formula gets an apostrophe in front. CSV is written the way Russian
spreadsheets open by a double click: UTF-8 with a mark, semicolons, decimal commas.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import xlsxwriter

from webapp.exports import Cell, Column, Row

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_PLAIN_NUMBER = re.compile(r"0|[1-9]\d{0,14}")
_MONTHS = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек"
_LIKE_NUMBER = re.compile(
    r"\s*[-+=(]?[\d\s.,:/-]*\d[\d\s.,:/)-]*(e[-+]?\d+)?%?(\s[ap]m?)?\s*"  # a number, a fraction, a day, a time
    rf"|\s*\d+[\s./-]?({_MONTHS})[a-zа-яё]*([\s./-]?\d+)?\s*|\s*({_MONTHS})[a-zа-яё]*[\s./-]?\d+\s*",
    re.IGNORECASE,
)
_LONGEST_CONSTANT = 255
_SHEET_ROWS = 1_000_000
_LONGEST_CELL = 32_000


class Sheet(Protocol):
    """A file in the making; its methods take a while and are called in a thread. All it writes is in one folder."""

    def write(self, rows: Sequence[Row]) -> None: ...
    def finish(self) -> None: ...


MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
"""By form, which is a file's ending."""


def sheet(form: str, path: Path, columns: list[Column]) -> Sheet:
    """A sheet of that form at `path`."""
    return CSV(path, columns) if form == "csv" else XLSX(path, columns)


class CSV:
    def __init__(self, path: Path, columns: list[Column]) -> None:
        self._columns = columns
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=";", lineterminator="\r\n")
        self._writer.writerow([column.title for column in columns])

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._writer.writerow([_plain(cell, column) for cell, column in zip(row, self._columns, strict=True)])
        self._file.flush()

    def finish(self) -> None:
        self._file.close()


def _plain(cell: Cell, column: Column) -> str:
    match cell:
        case None:
            return ""
        case str() if column.kind == "code":
            return kept_code(cell)
        case str():
            return harmless(cell)
        case Decimal() if column.kind == "money":
            return f"{cell:.2f}".replace(".", ",")
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case datetime():
            return f"{_local(cell, column):%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case _:
            return str(cell)


def _local(moment: datetime, column: Column) -> datetime:
    return moment.astimezone(ZoneInfo(column.zone)) if column.zone else moment


def kept_code(text: str) -> str:
    """A code as a spreadsheet keeps it. It would make 123 of `00123`, a day of `1-2`, 100000 of `1e5`, and round what
    has more than 15 digits; written as a constant text (`="00123"`) it stays."""
    plain = _PLAIN_NUMBER.fullmatch(text) or not _LIKE_NUMBER.fullmatch(text)
    if plain or len(text) > _LONGEST_CONSTANT or not text.isprintable():
        return harmless(text)
    return '="' + text.replace('"', '""') + '"'


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


class XLSX:
    """Written as rows come, on a new sheet whenever one is full; packed at the end."""

    _FORMATS = {
        "money": "#,##0.00",
        # A pattern with optional places would show "5," for a whole number.
        "quantity": "General",
        "code": "@",
        "count": "#,##0",
        "day": "dd.mm.yyyy",
        "moment": "dd.mm.yyyy hh:mm:ss",
    }

    def __init__(self, path: Path, columns: list[Column], *, begun: bool = True) -> None:
        options = {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._columns = columns
        self._formats = {
            kind: self._book.add_format({"num_format": pattern}) for kind, pattern in self._FORMATS.items()
        }
        self._head = self._book.add_format({"bold": True, "bottom": 1})
        if begun:
            self._begin()

    def begin(self, name: str, columns: list[Column]) -> None:
        """A sheet of that name, with columns of its own."""
        self._columns = columns
        self._begin(name)

    def write(self, rows: Sequence[Row]) -> None:
        for row in rows:
            if self._row == _SHEET_ROWS:
                self._begin()
            self._row += 1
            for i, (cell, column) in enumerate(zip(row, self._columns, strict=True)):
                self._write_cell(i, cell, column)

    def finish(self) -> None:
        self._book.close()

    def _begin(self, name: str | None = None) -> None:
        self._sheet: Any = self._book.add_worksheet(name)
        self._row = 0
        self._sheet.freeze_panes(1, 0)
        for i, column in enumerate(self._columns):
            self._sheet.set_column(i, i, 36 if column.kind in ("text", "code") else 18)
            self._sheet.write_string(0, i, column.title, self._head)

    def _write_cell(self, i: int, cell: Cell, column: Column) -> None:
        form = self._formats.get(column.kind)
        match cell:
            case None:
                pass
            case str():
                self._sheet.write_string(self._row, i, cell[:_LONGEST_CELL], form)
            case datetime():
                local = _local(cell, column).replace(tzinfo=None)
                self._sheet.write_datetime(self._row, i, local, form)
            case date():
                self._sheet.write_datetime(self._row, i, datetime(cell.year, cell.month, cell.day), form)  # noqa: DTZ001
            case _:
                self._sheet.write_number(self._row, i, cell, form)
