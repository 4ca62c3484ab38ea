"""Exports: right types, nothing that a spreadsheet would run, and as much as there is."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import UUID, uuid4

import openpyxl
import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import HOSTILE, Office
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.account import Account
from webapp.app import Portal
from webapp.exports import Column, Export
from webapp.exports.jobs import Bounds, FileTooLarge, Jobs, TooManyFiles
from webapp.exports.sheet import harmless, kept_code, sheet


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", "\t=1", " =1", "\n=1", "\uff1d1"])
def test_formulas_are_neutralised(text: str) -> None:
    """A text that begins like a formula gets an apostrophe in CSV."""
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["Чай", "a=b", "", "1+1"])
def test_other_texts_stay(text: str) -> None:
    """Any other text is written as it is."""
    assert harmless(text) == text


@pytest.mark.parametrize(
    "text", ["00123", "1-2", "1e5", "3/4", "12.05", "+7", "-5", "2 марта", "мар-12", "SEPT2", "12:30", "1" * 16]
)
def test_codes_survive_a_spreadsheet(text: str) -> None:
    """A code that a spreadsheet would take for a number or a date is written as a constant text."""
    assert kept_code(text) == f'="{text}"'


@pytest.mark.parametrize("text", ["123", "0", "4600000000001", "tea-1", "A12", "35004C", "85014A", "15056BL", "7е", ""])
def test_other_codes_stay(text: str) -> None:
    """Plain numbers and other texts are written as they are."""
    assert kept_code(text) == text


@pytest.mark.parametrize("text", ['=cmd|"/C calc"!A0', "@SUM(A1)", '1"&cmd', "1\n=1", "-1" * 200])
def test_no_code_becomes_a_formula(text: str) -> None:
    """Whatever stands in a code is inside the constant text, or behind an apostrophe."""
    written = kept_code(text)
    assert written.startswith("'") or re.fullmatch(r'="([^"]|"")*"', written) or not written.startswith(("=", "@", "-"))


COLUMNS = [Column("Имя", "text"), Column("Сумма", "money"), Column("Когда", "moment", "Europe/Moscow")]


def _content(folder: Path, count: int, form: str) -> bytes:
    output = sheet(form, folder / f"list.{form}", COLUMNS)
    moment = datetime(2026, 11, 23, 22, 5, tzinfo=UTC)
    output.write([[f"=A{number}", Decimal("1234.50"), moment] for number in range(count)])
    output.finish()
    return (folder / f"list.{form}").read_bytes()


def test_csv(tmp_path: Path) -> None:
    """CSV opens in a Russian spreadsheet by a double click: a mark, semicolons, decimal commas, local time."""
    content = _content(tmp_path, 1, "csv").decode()
    assert content == "\ufeffИмя;Сумма;Когда\r\n'=A0;1234,50;24.11.2026 01:05:00\r\n"


def test_xlsx(tmp_path: Path) -> None:
    """XLSX cells are texts, numbers and dates, and never formulas."""
    book = openpyxl.load_workbook(io.BytesIO(_content(tmp_path, 1200, "xlsx")))
    rows = list(book.active.iter_rows())
    assert len(rows) == 1201
    name, amount, at = rows[1]
    assert (name.data_type, name.value) == ("s", "=A0")
    assert (amount.value, amount.number_format) == (1234.5, "#,##0.00")
    assert at.value == datetime(2026, 11, 24, 1, 5)  # noqa: DTZ001


def _export(account: UUID, gate: asyncio.Event, count: int = 1) -> Export:
    async def rows(_: Any) -> AsyncIterator[list[Any]]:
        await gate.wait()
        for number in range(count):
            yield [f"{number}" * 100, Decimal(1), datetime(2026, 11, 23, tzinfo=UTC)]

    return Export("Отчёт", COLUMNS, Account(account), rows)


async def test_an_account_has_two_files_at_a_time(portal: Portal, tmp_path: Path) -> None:
    """A third file is refused while two are in the making; one that is ready makes room, and its folder goes."""
    gate, account = asyncio.Event(), uuid4()
    async with Jobs(portal.database, tmp_path / "files") as jobs:
        first, second = (jobs.begin(_export(account, gate), "csv") for _ in range(2))
        with pytest.raises(TooManyFiles):
            jobs.begin(_export(account, gate), "csv")
        other = jobs.begin(_export(uuid4(), gate), "xlsx")
        gate.set()
        for job in (first, second, other):
            await asyncio.wait_for(job.done.wait(), 20)
            assert (job.ready, job.rows) == (True, 1), job.error
        waited_longest = min(first, second, key=lambda job: job.used_at)  # whichever was ready first
        third = jobs.begin(_export(account, gate), "csv")
        assert [job for job in (first, second) if jobs.find(job.id, Account(account)) is None] == [waited_longest]
        assert jobs.find(third.id, Account(account)) is third
        assert jobs.find(third.id, Account(account, person_id=uuid4())) is None  # another member's
        assert jobs.find(third.id, Account(uuid4())) is None
    assert list((tmp_path / "files").iterdir()) == []


async def test_a_file_has_bounds(portal: Portal, tmp_path: Path) -> None:
    """A file that grows too large is given up, and so is one that takes too long; nothing of either is left."""
    gate = asyncio.Event()
    bounds = Bounds(size_bytes_max=100_000, seconds_max=0.5)
    async with Jobs(portal.database, tmp_path / "files", bounds) as jobs:
        slow = jobs.begin(_export(uuid4(), gate), "csv")
        await asyncio.wait_for(slow.done.wait(), 20)
        gate.set()
        large = jobs.begin(_export(uuid4(), gate, 10_000), "csv")
        await asyncio.wait_for(large.done.wait(), 20)
        assert isinstance(slow.error, FileTooLarge)
        assert isinstance(large.error, FileTooLarge)
        assert 0 < large.rows < 10_000
        assert list((tmp_path / "files").iterdir()) == []


async def test_a_long_file_has_a_page(owner: Visitor, office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser whose file is not soon ready is led to a page that says how far it is, and then gives the link; no
    other account sees it."""
    monkeypatch.setattr("webapp.exports.answer._PATIENCE_S", 0.0)
    answer = await owner.get("/sales/export.csv?range=all&outlet=all", accept="text/html")
    assert answer.status_code == 303
    page = answer.headers["location"]
    while "Refresh" in (shown := await owner.get(page)).headers:
        assert "Файл готовится" in shown.text
        await asyncio.sleep(0.05)
    assert "Файл готов" in shown.text
    assert f'href="{page}/file"' in shown.text
    stranger = await Visitor(owner.portal, "192.0.2.9").join("other@shop.example")
    for path in (page, f"{page}/file", "/exports/nothing"):
        assert (await stranger.get(path)).status_code == 404
    await stranger.http.aclose()
    for _ in range(2):  # as often as it is wanted
        assert (await owner.get(f"{page}/file")).content.startswith("\ufeff".encode())


async def test_another_portal_shows_and_sends_a_file(
    owner: Visitor, office: Office, postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind several portals on one home each shows how far a file is that another one makes, and sends it."""
    monkeypatch.setattr("webapp.exports.answer._PATIENCE_S", 0.0)
    page = (await owner.get("/sales/export.csv?range=all&outlet=all", accept="text/html")).headers["location"]
    async with Portal(postgres, home=owner.portal.home, public_url="http://office.test", smtp_url=None) as second:
        visitor = Visitor(second)
        visitor.http.cookies = owner.http.cookies
        while "Refresh" in (shown := await visitor.get(page)).headers:  # noqa: ASYNC110 (a page tells nobody)
            await asyncio.sleep(0.05)
        assert "Файл готов" in shown.text
        assert (await visitor.get(f"{page}/file")).content == (await owner.get(f"{page}/file")).content
        stranger = await Visitor(second, "192.0.2.9").join("other@shop.example")
        assert (await stranger.get(page)).status_code == 404
        for each in (visitor, stranger):
            await each.http.aclose()


@pytest.mark.asvs("V1.3.3", "a till's text is written as a formula")
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


async def test_each_row_is_by_its_own_outlets_clock(portal: Portal, visitor: Visitor, postgres: str) -> None:
    """A sale at 23:30 in Кишинёв is at 23:30 in every file, whichever outlet is first; the zones are named."""
    shop = Shop(postgres, outlets=("Алматы", "Кишинёв"))
    for name, zone in (("Алматы", "Asia/Almaty"), ("Кишинёв", "Europe/Chisinau")):
        shop.change("UPDATE app.outlets SET zone = %s WHERE outlet_id = %s", zone, shop.outlets[name])
    paid = [{"method": "cash", "amount": "50.00"}, {"method": "card", "amount": "70.00"}]
    shop.send(
        sale("s1", "2026-10-25T23:30:00+02:00", ("g1", "1", "100.00"), payments=paid, change="20.00", number="00042"),
        outlet=shop.outlets["Кишинёв"],
    )
    shop.send(sale("s2", "2026-10-25T23:30:00+05:00", ("g1", "1", "10.00")), outlet=shop.outlets["Алматы"])
    portal.clock = lambda: datetime(2026, 10, 26, 12, tzinfo=UTC)
    await enter(visitor, postgres, "owner@example.com")
    answer = await visitor.get("/sales/export.csv?outlet=all&range=all")
    moments = {row[0]: [row[1], row[-1]] for row in _csv(answer.content)[1:]}
    assert moments == {
        "Кишинёв": ["25.10.2026 23:30:00", "UTC+2 · Кишинев"],
        "Алматы": ["25.10.2026 23:30:00", "UTC+5 · Алматы"],
    }
    book = openpyxl.load_workbook(io.BytesIO((await visitor.get("/sales/export.xlsx?outlet=all&range=all")).content))
    assert {row[1].value for row in list(book.active.iter_rows())[1:]} == {datetime(2026, 10, 25, 23, 30)}  # noqa: DTZ001
    through = {row[0]: [row[8], row[-1]] for row in _csv((await visitor.get("/dashboard.csv")).content)[1:]}
    assert through == {
        "Кишинёв": ["25.10.2026 23:30:00", "UTC+2 · Кишинев"],
        "Алматы": ["25.10.2026 23:30:00", "UTC+5 · Алматы"],
    }
    one = _csv((await visitor.get(f"/sales/export.csv?outlet={shop.outlets['Кишинёв']}&range=all")).content)
    assert "Часовой пояс" not in one[0]


@pytest.mark.asvs("V5.4.1", "no name is said in Content-Disposition")
@pytest.mark.asvs("V5.4.2", "the name is not encoded as RFC 6266 says")
async def test_files_say_what_they_hold(owner: Visitor, office: Office) -> None:
    """Their names say what, of which outlet and when; sales come with payment, cashier, contact and till, goods with
    their codes."""
    contact = {"contact_id": "k9", "name": "Пробников П.П.", "purchases_total": "0", "debt": "0", "points": "0"}
    paid = [{"method": "cash", "amount": "50.00"}, {"method": "card", "amount": "50.00"}]
    office.shop.send(
        good("00123", "Редис", article="1-2", barcode="04600000000014", barcodes=["1e5"]),
        {"type": "contact.saved", "at": "2026-11-24T10:00:00+03:00", **contact},
        sale(
            "x1",
            "2026-11-24T12:00:00+03:00",
            ("00123", "1", "80.00"),
            number="0007",
            contact_id="k9",
            cashier="Образцова О.О.",
            change="20.00",
            payments=paid,
        ),
    )
    answer = await owner.get(f"/sales/export.csv?outlet={office.shop.outlet}&from=2026-11-24&to=2026-11-24")
    name = unquote(answer.headers["content-disposition"].partition("UTF-8''")[2])
    assert name == "Продажи, Чайная, 2026-11-24.csv"
    head, *rows = _csv(answer.content)
    [row] = [dict(zip(head, row, strict=True)) for row in rows if "0007" in row[3]]
    assert row["Номер"] == '="0007"'
    assert (row["Оплата"], row["Кассир"]) == ("Наличные 50,00, Карта 50,00, Сдача -20,00", "Образцова О.О.")
    assert (row["Контакт"], row["Касса"]) == ("Пробников П.П.", "Касса 1")
    answer = await owner.get("/goods/export.csv?outlet=all&query=редис")
    assert unquote(answer.headers["content-disposition"]).endswith("Товары, все точки, 2026-11-24.csv")
    head, only = _csv(answer.content)
    codes = dict(zip(head, only, strict=True))
    assert (codes["Код"], codes["Артикул"]) == ('="00123"', '="1-2"')
    assert codes["Штрихкоды"] == '="04600000000014, 1e5"'


def _csv(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";"))
