"""Что заказать: what runs out by the sales of 28 days, what is below its least stock, and why some is below nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, counted, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


def moved(good_id: str, quantity: str, warehouse: str = "main") -> dict[str, Any]:
    return {
        "type": "stock.moved",
        "at": "2026-11-02T10:00:00+03:00",
        "move_id": f"m-{good_id}-{warehouse}",
        "good_id": good_id,
        "warehouse_id": warehouse,
        "quantity": quantity,
        "reason": "receipt",
    }


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Tea: 10 left, 28 sold in 28 days, so it will do for 10 days. Coffee: enough, but below its least stock. Sugar:
    plenty. Four goods of which there is less than nothing, each for another reason. Salt was sold long ago only."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    november = "2026-11-20T12:00:00+03:00"
    shop.send(
        good("tea", "Чай", cost="50.00", article="Ч-1", unit="шт"),
        good("coffee", "Кофе", min_stock="5"),
        good("sugar", "Сахар", min_stock="5"),
        *(good(each, each) for each in ("a-counted", "b-received", "c-never", "d-elsewhere", "salt")),
        *(counted("tea", "38"), counted("coffee", "3"), counted("sugar", "100"), counted("salt", "0")),
        *(counted("a-counted", "1"), moved("b-received", "1"), moved("d-elsewhere", "9", "cellar")),
        sale("s1", november, ("tea", "28", "100.00"), ("sugar", "1", "60.00")),
        sale("s2", november, *((each, "2", "10.00") for each in ("a-counted", "b-received", "c-never", "d-elsewhere"))),
        sale("s3", "2026-10-01T12:00:00+03:00", ("tea", "1000", "1.00"), ("salt", "5", "1.00")),
    )
    shop.send(good("gum", "Жвачка", min_stock="7"), outlet=shop.outlets["Ларёк"])
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def listed(visitor: Visitor, query: str) -> list[list[str]]:
    text = (await visitor.get(f"/order/export.csv?{query}")).content.decode("utf-8-sig")
    return [row.split(";") for row in text.splitlines()[1:]]


async def test_what_runs_out(visitor: Visitor, shop: Shop) -> None:
    """In 14 days 14 of the tea will be sold: 4 are missing. Of what is below nothing, that comes on top."""
    rows = {row[1]: row[5:] for row in await listed(visitor, f"outlet={shop.outlet}")}
    assert rows == {
        "a-counted": ["-1", "", "2", "0", "2", "", ""],
        "b-received": ["-1", "", "2", "0", "2", "", ""],
        "c-never": ["-2", "", "2", "0", "3", "", ""],
        "d-elsewhere": ["7", "", "2", "98", "0", "", ""],
        "tea": ["10", "", "28", "10", "4", "шт", "200,00"],
        "coffee": ["3", "5", "0", "", "2", "", ""],
    }
    assert "tea" not in {row[1] for row in await listed(visitor, f"outlet={shop.outlet}&days=7")}
    [tea] = [row for row in await listed(visitor, f"outlet={shop.outlet}&days=28") if row[1] == "tea"]
    assert tea[9] == "18"


async def test_the_page_says_why_and_leads_to_the_receipts(visitor: Visitor, shop: Shop) -> None:
    """What is below nothing stands first, each with its reason; what was sold leads to the receipts of the 28 days."""
    page = (await visitor.get("/order?outlet=all")).text
    rows = part(page, "rows")
    reasons = [
        "после пересчёта 01.11.2026",
        "продано больше, чем пришло",
        "ни разу не приходовали",
        "не проведено перемещение",
    ]
    found = [str(rows).find(reason) for reason in reasons]
    assert found == sorted(found)
    assert -1 not in found
    assert "Жвачка" in rows
    assert "Сахар" not in rows
    assert f"/sales?from=2026-10-28&amp;to=2026-11-24&amp;outlet={shop.outlet}&amp;kind=all&amp;good=tea" in page


async def test_nothing_to_order(visitor: Visitor, shop: Shop) -> None:
    """Where everything will do, the page says so, of a shop that has sold something; and of one that has not, that."""
    outlet = shop.outlets["Ларёк"]
    shop.send(good("gum", "Жвачка", min_stock="0"), outlet=outlet)
    assert "Чеков ещё не было" in (await visitor.get(f"/order?outlet={outlet}")).text
    shop.send(sale("old", "2026-09-01T12:00:00+03:00", ("gum", "1", "1.00")), counted("gum", "5"), outlet=outlet)
    assert "Всего хватает" in (await visitor.get(f"/order?outlet={shop.outlets['Ларёк']}")).text
