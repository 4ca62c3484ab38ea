"""Lists as files: CSV and XLSX, streamed row by row, so that their length costs no memory.

A text that a till sent must not become a formula in somebody's spreadsheet: XLSX cells are written as typed strings; in
CSV, which has no types, a text that begins like a formula gets an apostrophe in front. CSV is written the way Russian
spreadsheets open by a double click: UTF-8 with a mark, semicolons, decimal commas.
"""

from __future__ import annotations

import asyncio
import csv
import io
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import quote
from zoneinfo import ZoneInfo

import xlsxwriter
from msgspec import Struct
from starlette.exceptions import HTTPException
from starlette.responses import Response, StreamingResponse

from webapp.database import Connection

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CHUNK = 500
_SHEET_ROWS = 1_000_000
_LONGEST_CELL = 32_000
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | Decimal | date | datetime | None
Row = Sequence[Cell]


class Column(Struct, frozen=True):
    """A column: its heading and how its cells are written. Moments are by the clock of `zone`."""

    title: str
    kind: Literal["text", "money", "quantity", "count", "day", "moment"]
    zone: str = "UTC"


class Export(Struct, frozen=True):
    """A list to be written. `rows` is read while the file is sent, within `snapshot` (None where it takes its own)."""

    name: str
    columns: list[Column]
    snapshot: AbstractAsyncContextManager[Connection | None]
    rows: Any
    """Called with the snapshot's connection; gives an async iterator of rows."""


def response(export: Export, form: str) -> Response:
    """The file as a response; `form` is `csv` or `xlsx`, anything else is 404."""
    match form:
        case "csv":
            content, media_type = _csv(export), "text/csv; charset=utf-8"
        case "xlsx":
            content, media_type = _xlsx(export), _XLSX
        case _:
            raise HTTPException(404)
    headers = {
        "Content-Disposition": f"attachment; filename=\"export.{form}\"; filename*=UTF-8''{quote(export.name)}.{form}",
        "Cache-Control": "no-store",
    }
    return StreamingResponse(content, media_type=media_type, headers=headers)


async def _chunks(export: Export) -> AsyncGenerator[list[Row], None]:
    async with export.snapshot as connection, aclosing(export.rows(connection)) as rows:
        chunk: list[Row] = []
        async for row in rows:
            chunk.append(row)
            if len(chunk) == _CHUNK:
                yield chunk
                chunk = []
        yield chunk


async def _csv(export: Export) -> AsyncIterator[bytes]:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([column.title for column in export.columns])
    yield b"\xef\xbb\xbf"
    async with aclosing(_chunks(export)) as chunks:
        async for chunk in chunks:
            for row in chunk:
                writer.writerow([_plain(cell, column) for cell, column in zip(row, export.columns, strict=True)])
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()


def _plain(cell: Cell, column: Column) -> str:
    match cell:
        case None:
            return ""
        case str():
            return harmless(cell)
        case Decimal() if column.kind == "money":
            return f"{cell:.2f}".replace(".", ",")
        case Decimal():
            return f"{cell:f}".replace(".", ",")
        case datetime():
            return f"{cell.astimezone(ZoneInfo(column.zone)):%d.%m.%Y %H:%M:%S}"
        case date():
            return f"{cell:%d.%m.%Y}"
        case _:
            return str(cell)


def harmless(text: str) -> str:
    """The text, with an apostrophe in front where a spreadsheet would take it for a formula."""
    return "'" + text if text.lstrip(" ").startswith(_FORMULA_STARTS) else text


async def _xlsx(export: Export) -> AsyncIterator[bytes]:
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(
            file,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        sheets = _Sheets(book, export.columns)
        async with aclosing(_chunks(export)) as chunks:
            async for chunk in chunks:
                await asyncio.to_thread(sheets.write, chunk)
        await asyncio.to_thread(book.close)
        file.seek(0)
        while piece := await asyncio.to_thread(file.read, 65536):
            yield piece


class _Sheets:
    """Writes rows, on a new sheet whenever one is full."""

    _FORMATS = {
        "money": "#,##0.00",
        # A pattern with optional places would show "5," for a whole number.
        "quantity": "General",
        "count": "#,##0",
        "day": "dd.mm.yyyy",
        "moment": "dd.mm.yyyy hh:mm:ss",
    }

    def __init__(self, book: Any, columns: list[Column]) -> None:
        self._book = book
        self._columns = columns
        self._formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in self._FORMATS.items()}
        self._head = book.add_format({"bold": True, "bottom": 1})
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._row = 0
        self._sheet.freeze_panes(1, 0)
        for i, column in enumerate(self._columns):
            self._sheet.set_column(i, i, 36 if column.kind == "text" else 18)
            self._sheet.write_string(0, i, column.title, self._head)

    def write(self, rows: list[Row]) -> None:
        for row in rows:
            if self._row == _SHEET_ROWS:
                self._begin()
            self._row += 1
            for i, (cell, column) in enumerate(zip(row, self._columns, strict=True)):
                self._write_cell(i, cell, column)

    def _write_cell(self, i: int, cell: Cell, column: Column) -> None:
        form = self._formats.get(column.kind)
        match cell:
            case None:
                pass
            case str():
                self._sheet.write_string(self._row, i, cell[:_LONGEST_CELL])
            case datetime():
                local = cell.astimezone(ZoneInfo(column.zone)).replace(tzinfo=None)
                self._sheet.write_datetime(self._row, i, local, form)
            case date():
                self._sheet.write_datetime(self._row, i, datetime(cell.year, cell.month, cell.day), form)  # noqa: DTZ001
            case _:
                self._sheet.write_number(self._row, i, cell, form)
