"""Goods and groups are ranked over the whole period that the page names, however long it is."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Two shops: tea for 1000.00 in January and for 10.00 in November in the first; 3,000 receipts in the other one."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    shop.send(
        good("tea", "Чай", "Чаи"),
        sale("s1", "2026-01-10T12:00:00+03:00", ("tea", "10", "100.00")),
        sale("s2", "2026-11-20T12:00:00+03:00", ("tea", "1", "10.00")),
        {
            "type": "sale.returned",
            "at": "2026-02-01T12:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [{"good_id": "cup", "quantity": "2", "amount": "7.00"}],
            "refunds": [{"method": "cash", "amount": "7.00"}],
        },
    )
    first = date(2026, 11, 1)
    shop.send(
        *(
            sale(f"k{number}", f"{first + timedelta(days=number % 20)}T13:00:00+03:00", ("gum", "1", "1.00"))
            for number in range(3_000)
        ),
        outlet=shop.outlets["Ларёк"],
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def _file(visitor: Visitor, path: str) -> list[list[str]]:
    answer = await visitor.get(path)
    assert answer.status_code == 200
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))[1:]


async def test_one_outlet_of_all_time(visitor: Visitor, shop: Shop) -> None:
    """Revenue 1 010 less a return of 7, and the best good brought 1 010: on the page and in both files."""
    query = f"outlet={shop.outlet}&range=all"
    page = (await visitor.get(f"/report?{query}")).text
    assert part(page, "sums").sums[0] == "1 003,00 ₽"
    assert part(page, "goods").sums == ["1 010,00 ₽", "\N{MINUS SIGN}7,00 ₽"]
    assert part(page, "groups").sums == ["1 010,00 ₽", "\N{MINUS SIGN}7,00 ₽"]
    goods = [["Чайная", "Чай", "Чаи", "11", "1010,00"], ["Чайная", "cup", "", "-2", "-7,00"]]
    assert await _file(visitor, f"/report/goods.csv?{query}") == goods
    assert await _file(visitor, f"/report/groups.csv?{query}") == [
        ["Чаи", "11", "1010,00"],
        ["без группы", "-2", "-7,00"],
    ]


async def test_all_outlets_of_all_time(visitor: Visitor, shop: Shop) -> None:
    """More than 2,500 receipts cut nothing off, and a good that was never saved has the name of its receipts."""
    page = (await visitor.get("/report?outlet=all&range=all")).text
    assert part(page, "goods").sums == ["3 000,00 ₽", "1 010,00 ₽", "\N{MINUS SIGN}7,00 ₽"]
    assert part(page, "groups").sums == ["2 993,00 ₽", "1 010,00 ₽"]
    assert (await _file(visitor, "/report/goods.csv?outlet=all&range=all"))[0] == [
        "Ларёк", "Товар gum", "", "3000", "3000,00"
    ]  # fmt: skip


async def test_a_replaced_receipt_leaves_the_ranking(visitor: Visitor, shop: Shop) -> None:
    """What a till sends anew under the same id stands in place of the old lines; a good that is left at 0 is gone."""
    shop.send(sale("s1", "2026-01-10T12:00:00+03:00", ("mug", "1", "300.00")))
    page = (await visitor.get(f"/report?outlet={shop.outlet}&from=2026-01-01&to=2026-01-31")).text
    assert part(page, "goods").sums == ["300,00 ₽"]
