"""The accountant's package of a month written by hand: by link, by letter, and what is not in it."""

from __future__ import annotations

import csv
import email
import io
import zipfile
from email.policy import default
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from notices.delivery import Delivery, Letters
from tests.webapp.closings.test_closings import MONTH, NOW, RUN
from tests.webapp.reports.conftest import enter
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.mail import Post

COSTS = {"Себестоимость", "Выручка с известной себестоимостью", "Cost", "Revenue with a known cost"}


@pytest.fixture
def shop(postgres: str) -> Shop:
    shop = Shop(postgres, outlets=("Чайная", "Кофейня"))
    shop.send(*MONTH, run=RUN)
    moved = {"type": "cash.moved", "at": "2026-11-02T13:00:00+03:00", "cash_id": "m1", "amount": "-40.00"}
    shop.send({**moved, "reason": "expense", "shift_id": "sh1"})
    shop.send(
        sale("k1", "2026-11-07T10:00:00+03:00", ("tea", "1", "30.00"), number="=1+1"), outlet=shop.outlets["Кофейня"]
    )
    return shop


@pytest.fixture
async def owner(shop: Shop, portal: Portal, visitor: Visitor) -> Visitor:
    portal.clock = lambda: NOW
    await enter(visitor, shop.postgres, "owner@example.com")
    return visitor


def unpacked(content: bytes) -> tuple[dict[str, list[list[Any]]], dict[str, list[list[str]]]]:
    """The sheets of the workbook by name, and the CSV files by the same names."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        book = openpyxl.load_workbook(io.BytesIO(packed.read("package.xlsx")))
        sheets = {sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)] for sheet in book}
        tables = {
            name.partition(" ")[2].removesuffix(".csv"): list(
                csv.reader(io.StringIO(packed.read(name).decode("utf-8-sig")), delimiter=";")
            )
            for name in packed.namelist()
            if name.endswith(".csv")
        }
    return sheets, tables


async def test_a_month_by_hand(owner: Visitor, shop: Shop) -> None:
    """Days × outlets × methods, tax, returns, receipts, cash and shifts are those written by hand, in the workbook as
    in the CSV files, and the days are those of the read API."""
    answer = await owner.get("/closings/package.zip?month=2026-11")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    sheets, tables = unpacked(answer.content)
    assert list(sheets) == list(tables)
    payments = {tuple(row[i] for i in (0, 2, 3, 4, 5)) for row in tables["Способы оплаты"][1:]}
    assert payments == {
        ("Чайная", "02.11.2026", "Наличные", "1", "0,00"),
        ("Чайная", "02.11.2026", "Карта", "1", "100,00"),
        ("Чайная", "15.11.2026", "СБП", "1", "250,50"),
        ("Кофейня", "07.11.2026", "Наличные", "1", "30,00"),
    }
    assert len(tables["Налог по ставкам"]) == 1  # what was taken was given back
    [returned] = tables["Возвраты"][1:]
    assert (returned[0], returned[2], returned[5], returned[6]) == ("Чайная", "02.11.2026 12:00:00", "1", "60,00")
    receipts = sheets["Чеки"]
    head = receipts[0]
    numbers = {(row[0], row[head.index("Номер")]): row[head.index("Итого")] for row in receipts[1:]}
    assert numbers == {("Чайная", "1"): 60, ("Чайная", "2"): 100, ("Чайная", "3"): 250.5, ("Кофейня", "=1+1"): 30}
    assert "'=1+1" in {row[head.index("Номер")] for row in tables["Чеки"]}
    [shift] = tables["Касса и смены"][1:]
    assert shift[-3:] == ["460,00", "490,00", "30,00"]
    [cash] = tables["Движение наличных"][1:]
    assert cash[-2:] == ["Расход", "-40,00"]
    totals = sheets["Месяц целиком"]
    assert {row[0]: row[totals[0].index("Выручка")] for row in totals[1:]} == {"Чайная": 350.5, "Кофейня": 30}
    path = f"/api/v1/outlets/{shop.outlet}/daily?from=2026-11-01&to=2026-11-30"
    daily = (await owner.get(path, Authorization=f"Bearer {shop.token}")).json()
    days = sheets["По дням"]
    revenue, cost = days[0].index("Выручка"), days[0].index("Себестоимость")
    told = [(row[revenue], row[cost]) for row in days[1:] if row[0] == "Чайная"]
    assert told == [(float(row["revenue"]), float(row["cost_sum"])) for row in daily]
    for sheet, rows in sheets.items():
        assert len(rows) == len(tables[sheet])
    await owner.post("/locale", locale="en")
    english, _ = unpacked((await owner.get("/closings/package.zip?month=2026-11")).content)
    assert list(english)[:4] == ["The month", "By day", "Payment methods", "Tax by rate"]
    assert (await owner.get("/closings/package.zip?month=2026-99")).status_code == 404


def member(shop: Shop, email: str, *, locale: str = "ru", sees_costs: bool = False) -> str:
    """An accountant of the first outlet; his id."""
    [(person,)] = shop.sql(
        "WITH person AS ("
        " INSERT INTO app.accounts (account_id, email, locale) VALUES (gen_random_uuid(), %s, %s) RETURNING account_id)"
        " INSERT INTO app.members (account_id, person_id, role, outlets, sees_costs)"
        " SELECT %s, account_id, 'accountant', ARRAY[%s::uuid], %s FROM person RETURNING person_id::text",
        *(email, locale, shop.account_id, shop.outlet, sees_costs),
    )
    return str(person)


async def test_it_goes_by_letter_to_members_alone(
    owner: Visitor, shop: Shop, stranger: Visitor, tmp_path: Path
) -> None:
    """A letter goes to a member in his language, with his outlets and without costs that he may not see; to nobody
    else, six an hour, and the file is kept while it is on its way alone. Who is no owner sends it to himself."""
    books = member(shop, "books@example.com", locale="en")
    other = Shop(shop.postgres, "other@example.com", ["Чужая"])
    for person in (other.account_id, "books@example.com", ""):
        assert (await owner.post("/closings/package", month="2026-11", person=str(person))).status_code == 404
    assert "books@example.com" in (await owner.get("/closings")).text
    answer = await owner.post_and_look("/closings/package", month="2026-11", person=books)
    assert "Письмо с пакетом отправляется" in answer.text
    delivery = Delivery(owner.portal.database, {"letter": Letters(Post(None, tmp_path / "sent", "http://office.test"))})
    assert await delivery.send_due(NOW) == 1
    [letter] = _letters(tmp_path / "sent")
    assert (letter["To"], letter["Subject"]) == ("books@example.com", "Accountant's package, November 2026")
    [attached] = letter.iter_attachments()
    assert attached.get_filename() == "package-2026-11.zip"
    sheets, _ = unpacked(attached.get_content())
    assert {row[0] for row in sheets["By day"][1:]} == {"Чайная"}
    assert not COSTS & {title for rows in sheets.values() for title in rows[0]}
    assert shop.sql("SELECT attachment IS NULL, sent_at IS NOT NULL FROM app.messages") == [(True, True)]
    await enter(stranger, shop.postgres, "books@example.com")
    await stranger.post("/viewing", account=str(shop.account_id))
    sheets, _ = unpacked((await stranger.get("/closings/package.zip?month=2026-11")).content)
    assert {row[0] for row in sheets["By day"][1:]} == {"Чайная"}
    assert not COSTS & {title for rows in sheets.values() for title in rows[0]}
    page = (await stranger.get("/closings")).text
    assert "owner@example.com" not in page.partition("<main")[2]
    owner_id = str(shop.account_id)
    assert (await stranger.post("/closings/package", month="2026-11", person=owner_id)).status_code == 404
    shop.change(
        "INSERT INTO app.messages (account_id, person_id, channel, about, subject, body, created_at, next_attempt_at)"
        " SELECT account_id, person_id, channel, about, subject, body, created_at, 'infinity'"
        " FROM app.messages, generate_series(1, 5)"
    )
    assert (await owner.post("/closings/package", month="2026-11", person=books)).status_code == 429


def _letters(folder: Path) -> list[Any]:
    return [email.message_from_bytes(file.read_bytes(), policy=default) for file in sorted(folder.glob("*.eml"))]
