"""Tables: CSV in any encoding and with any separator, and XLSX, read a row at a time."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct
from python_calamine import CalamineError, CalamineWorkbook

from producers.importers.encodings import encoding_of
from producers.importers.files import SourceFile
from producers.importers.refusals import SourceRefused
from schemas.errors import UsageError

COLUMNS_MAX = 1000
CELLS_MAX = 5_000_000
"""Of a workbook: it is held in memory."""
_WORKBOOK_BYTES_MAX = 128 * 1024 * 1024
"""Of a workbook, unpacked."""
_LINE_MAX = 1024 * 1024
_LOOK_AT = 30
_DELIMITERS = ";,\t|"
_CELL = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')

Recognise = Callable[[Sequence[str]], int]
"""How many cells of a row are headings that are known."""


class Table(Struct, frozen=True):
    """The headings, and a way to go through the rows: their numbers in the file and their cells, as texts."""

    headings: list[str]
    rows: Callable[[], Iterator[tuple[int, list[str]]]]


def read(file: SourceFile, recognise: Recognise) -> Table:
    """The table in a file; its headings are in the first row in which most are known. Raises `UsageError`."""
    rows = _sheet(file) if file.content == "zip" else _best_delimiter(file, recognise)
    first = _first_rows(rows)
    at = max(range(len(first)), key=lambda position: (recognise(first[position][1]), -position), default=0)
    if not first or not recognise(first[at][1]):
        raise SourceRefused("no_headings", file.name, rows=_LOOK_AT)
    number, headings = first[at]

    def following() -> Iterator[tuple[int, list[str]]]:
        return ((row, cells) for row, cells in rows() if row > number and any(cell.strip() for cell in cells))

    return Table([heading.strip() for heading in headings], following)


Rows = Callable[[], Iterator[tuple[int, list[str]]]]


def _first_rows(rows: Rows) -> list[tuple[int, list[str]]]:
    first = []
    for number, row in enumerate(rows()):
        if number == _LOOK_AT:
            break
        first.append(row)
    return first


def _best_delimiter(file: SourceFile, recognise: Recognise) -> Rows:
    with file.open() as raw:
        encoding = encoding_of(raw, file.name)
    candidates = {delimiter: _csv(file, encoding, delimiter) for delimiter in _DELIMITERS}

    broken: list[UsageError] = []

    def known(rows: Rows) -> tuple[int, int]:
        try:
            first = _first_rows(rows)
        except UsageError as exc:
            broken.append(exc)
            return (0, 0)
        return max(recognise(cells) for _, cells in first), max(len(cells) for _, cells in first)

    scores = {delimiter: known(rows) for delimiter, rows in candidates.items()}
    best = max(scores, key=lambda delimiter: scores[delimiter])
    if broken and not scores[best][0]:
        raise broken[0]
    return candidates[best]


def _csv(file: SourceFile, encoding: str, delimiter: str) -> Rows:
    def rows() -> Iterator[tuple[int, list[str]]]:
        with file.open() as raw, io.TextIOWrapper(raw, encoding=encoding, newline="") as text:
            reader = csv.reader(_lines(text, file.name), delimiter=delimiter, strict=True)
            before = 0
            try:
                for cells in reader:
                    if len(cells) > COLUMNS_MAX:
                        raise SourceRefused("too_many_columns", file.name, row=before + 1, most=COLUMNS_MAX)
                    yield before + 1, cells
                    before = reader.line_num
            except csv.Error as exc:
                raise SourceRefused("broken_table", file.name, row=reader.line_num, why=exc) from exc
            except UnicodeError as exc:
                raise SourceRefused("broken_encoding", file.name, encoding=encoding, why=exc) from exc

    return rows


def _lines(text: io.TextIOWrapper, name: str) -> Iterator[str]:
    while line := text.readline(_LINE_MAX):
        if len(line) >= _LINE_MAX:
            raise SourceRefused("long_line", name, most=_LINE_MAX)
        if "\0" in line:
            raise SourceRefused("no_text", name)
        yield line


def _sheet(file: SourceFile) -> Rows:
    """The rows of the first sheet. The library holds a sheet as one rectangle, so that is measured before."""
    with file.archive() as archive:
        if "xl/workbook.xml" not in archive.namelist():
            raise SourceRefused("no_workbook", file.name)
        if sum(member.file_size for member in archive.infolist()) > _WORKBOOK_BYTES_MAX:
            raise SourceRefused("large_workbook", file.name)
        for member in archive.infolist():
            if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
                with archive.open(member) as sheet:
                    _check_extent(iter(lambda sheet=sheet: sheet.read(1024 * 1024), b""), file.name)  # type: ignore[misc]
    try:
        workbook = CalamineWorkbook.from_path(str(file.path))
        sheet_of_goods = workbook.get_sheet_by_index(0)
        top = sheet_of_goods.start[0] if sheet_of_goods.start else 0
        cells = sheet_of_goods.to_python(skip_empty_area=True)
    except (CalamineError, OSError, ValueError) as exc:
        raise SourceRefused("broken_workbook", file.name, why=exc) from exc
    return lambda: ((top + number, [_text(cell) for cell in row]) for number, row in enumerate(cells, 1))


def _check_extent(pieces: Iterator[bytes], name: str) -> None:
    columns = rows = 0
    rest = b""
    for piece in pieces:
        text = rest + piece
        for letters, number in _CELL.findall(text):
            columns, rows = max(columns, _column(letters)), max(rows, int(number))
        rest = text[-200:]
        if columns > COLUMNS_MAX or columns * rows > CELLS_MAX:
            most = {"columns_most": COLUMNS_MAX, "cells_most": CELLS_MAX}
            raise SourceRefused("far_cells", name, columns=columns, rows=rows, **most)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _text(cell: object) -> str:
    """A cell as text: a number with a decimal point and without the errors of binary fractions, a date as ISO 8601."""
    match cell:
        case bool():
            return "1" if cell else "0"
        case float() | int():
            text = format(Decimal(f"{cell:.15g}"), "f")
            return f"{text}0" if text[-4:-3] == "." else text  # three places could be read as thousands
        case datetime() | date():
            return cell.isoformat(*([" "] if isinstance(cell, datetime) else []))
        case _:
            return str(cell)
