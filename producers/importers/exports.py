"""Exports of other till programs, as CSV with fixed headings: what reading Square's and Loyverse's has in common."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from producers.importers import dates, tables
from producers.importers.amounts import Amounts, amounts
from producers.importers.documents import BadRow
from producers.importers.files import SourceFile
from producers.importers.questions import Answers, Question
from producers.importers.refusals import SourceRefused

Row = dict[str, str]


class Export(NamedTuple):
    """A table whose headings are known."""

    name: str
    table: tables.Table

    def rows(self, wanted: Collection[str] | None = None) -> Iterator[tuple[int, Row]]:
        """The number of each row and its cells by heading; of the `wanted` headings alone, where they are given."""
        places = [place for place in enumerate(self.table.headings) if wanted is None or place[1] in wanted]
        for number, cells in self.table.rows():
            width = len(cells)
            yield number, {heading: cells[at].strip() for at, heading in places if at < width}


def export(file: SourceFile, needed: frozenset[str], what: str) -> Export:
    """The table of a file that has these headings. Raises `UsageError`."""
    found = Export(file.name, tables.read(file, lambda cells: len(needed & {cell.strip() for cell in cells})))
    check(found, needed, what)
    return found


def check(found: Export, needed: frozenset[str], what: str) -> None:
    """Raises `UsageError` where headings are missing."""
    if missing := sorted(needed - set(found.table.headings)):
        raise SourceRefused("other_export", found.name, what=what, columns=", ".join(missing))


def of_outlet(exports: Sequence[Export], column: str, answers: Answers) -> dict[str, bool]:
    """Which shops of a column are this outlet: the only one, else the map says it. Raises `Question`."""
    names = {row.get(column, "") for each in exports for _, row in each.rows([column])}
    chosen = answers.section("outlets")
    for name in sorted(names):
        if len(names) > 1 and name not in chosen:
            raise Question(
                f"outlets.{name}",
                f"The files hold several shops. Is «{name}» this outlet?",
                ["here", "elsewhere"],
                name,
            )
    return {name: chosen.get(name, "here") == "here" for name in names}


class Reader:
    """Reads amounts and dates of an export, after a look at all of them."""

    def __init__(self, numbers: Amounts, order: dates.Order | None) -> None:
        self._numbers, self._order = numbers, order

    def amount(self, row: Row, column: str) -> Decimal:
        """A number; 0 where the cell is empty. Raises `Unfit`."""
        text = row.get(column, "")
        if not text:
            return Decimal(0)
        value = self._numbers.read(column, text)
        if value is None:
            raise Unfit(column, text, "not_a_number")
        return value

    def moment(self, text: str, column: str) -> datetime:
        """The naive moment. Raises `Unfit`."""
        value = dates.read(text, self._order)
        if value is None:
            raise Unfit(column, text, "not_a_date")
        return value


class Unfit(Exception):
    """A row that can't be brought in."""

    def __init__(self, column: str, value: str, code: str, **values: str) -> None:
        super().__init__(code)
        self.column, self.value, self.code, self.values = column, value, code, values

    def bad_row(self, row: int) -> BadRow:
        return BadRow(row, self.column, self.value, self.code, self.values)


def reader(exports: Sequence[Export], numbers: Sequence[str], date: str, answers: Answers) -> Reader:
    """Looks at all rows of the exports. Raises `Question` where a number or date can be read in two ways."""
    evidence = dates.Evidence()

    def cells() -> Iterator[list[tuple[str, str]]]:
        for each in exports:
            for _, row in each.rows({date, *numbers}):
                evidence.add(row.get(date, ""))
                yield [(column, row[column]) for column in numbers if row.get(column)]

    found = amounts(cells(), answers)
    order = evidence.order
    if evidence.example and order is None:
        answer = answers.choice(
            "date_order",
            f"Does the day or the month come first in «{evidence.example}»?",
            ["day-first", "month-first"],
            evidence.example,
        )
        order = "day-first" if answer == "day-first" else "month-first"
    return Reader(found, order)
