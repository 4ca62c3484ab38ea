"""Exports: right types, nothing that a spreadsheet would run, and as much as there is."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from tests.webapp.reports.office import HOSTILE, Office
from tests.webapp.visitor import Visitor
from webapp.exports import Column, Export, harmless, response


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\uff1d1"])
def test_formulas_are_neutralised(text: str) -> None:
    """A text that begins like a formula gets an apostrophe in CSV."""
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["Чай", "a=b", "", "1+1"])
def test_other_texts_stay(text: str) -> None:
    """Any other text is written as it is."""
    assert harmless(text) == text


async def _content(export: Export, form: str) -> bytes:
    answer: Any = response(export, form)
    return b"".join([piece async for piece in answer.body_iterator])


@asynccontextmanager
async def _nothing() -> AsyncIterator[Any]:
    yield None


def _export(count: int) -> Export:
    columns = [Column("Имя", "text"), Column("Сумма", "money"), Column("Когда", "moment", "Europe/Moscow")]

    async def rows(_: Any) -> AsyncIterator[list[Any]]:
        for number in range(count):
            yield [f"=A{number}", Decimal("1234.50"), datetime(2026, 11, 23, 22, 5, tzinfo=UTC)]

    return Export("Отчёт", columns, _nothing(), rows)


async def test_csv() -> None:
    """CSV opens in a Russian spreadsheet by a double click: a mark, semicolons, decimal commas, local time."""
    content = (await _content(_export(1), "csv")).decode()
    assert content == "\ufeffИмя;Сумма;Когда\r\n'=A0;1234,50;24.11.2026 01:05:00\r\n"


async def test_xlsx() -> None:
    """XLSX cells are texts, numbers and dates, and never formulas."""
    book = openpyxl.load_workbook(io.BytesIO(await _content(_export(1200), "xlsx")))
    rows = list(book.active.iter_rows())
    assert len(rows) == 1201
    name, amount, at = rows[1]
    assert (name.data_type, name.value) == ("s", "=A0")
    assert (amount.value, amount.number_format) == (1234.5, "#,##0.00")
    assert at.value == datetime(2026, 11, 24, 1, 5)  # noqa: DTZ001


async def test_every_list_is_exported(owner: Visitor, office: Office) -> None:
    """Each list and table comes as CSV and XLSX under Russian headings, with the same rows, hostile texts as texts."""
    lists = ("sales/export", "goods/export", "contacts/export", "report/revenue", "report/payments", "report/goods")
    for path in lists:
        answer = await owner.get(f"/{path}.csv?range=all&outlet=all")
        assert answer.status_code == 200
        rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
        assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row)
        assert all("а" <= heading[1].lower() <= "я" for heading in rows[0])
        book = openpyxl.load_workbook(io.BytesIO((await owner.get(f"/{path}.xlsx?range=all&outlet=all")).content))
        cells = list(book.active.iter_rows())
        assert len(cells) == len(rows) > 1, path
        assert not any(cell.data_type == "f" for row in cells for cell in row)
    goods = (await owner.get("/goods/export.csv?outlet=all")).content.decode("utf-8-sig")
    assert "'" + HOSTILE.replace('"', '""') in goods
    assert (await owner.get("/goods/export.pdf")).status_code == 404
