"""A voided receipt leaves every figure and stays in the list, marked; so does one whose void came first."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, counted, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

AT = "2026-11-20T12:00:00+03:00"


def void(sale_id: str, **fields: Any) -> dict[str, Any]:
    return {"type": "sale.voided", "at": AT, "sale_id": sale_id, **fields}


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """Three sales of a day: one stands, one was voided, and the void of one came before it."""
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    shop.send(
        good("tea", "Чай"),
        counted("tea", "10"),
        sale("s1", AT, ("tea", "1", "10.00")),
        sale("s2", AT, ("tea", "2", "10.00")),
        void("s2", reason="пробит дважды", cashier="Образцова О.О."),
        void("s3"),
        sale("s3", AT, ("tea", "4", "10.00")),
        void("never"),
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_programs_see_it_marked_and_in_no_figure(client: httpx.AsyncClient, shop: Shop) -> None:
    """Day, payments and stock are those of the sale that stands; list and cards say which ones were voided."""

    async def get(path: str) -> Any:
        headers = {"Authorization": f"Bearer {shop.token}"}
        return (await client.get(f"/api/v1/outlets/{shop.outlet}{path}", headers=headers)).json()

    [day] = await get("/daily")
    assert (day["sales"], day["revenue"], day["reconciles"]) == (1, "10.00", True)
    assert [row["amount"] for row in await get("/payments")] == ["10.00"]
    [shelf] = (await get("/stock"))["items"]
    assert shelf["quantity"] == "9"
    listed = {row["sale_id"]: (row["total"], row["voided"]) for row in (await get("/sales"))["items"]}
    assert listed == {"s1": ("10.00", False), "s2": ("20.00", True), "s3": ("40.00", True)}
    assert (await get("/sales/s2"))["voided"]
    assert not (await get("/sales/s1"))["voided"]
    assert shop.sql("SELECT voided FROM daily") == [(2,)]


async def test_the_portal_marks_it(visitor: Visitor, shop: Shop) -> None:
    """The list shows it beside sums that leave it out; its card says when, by whom and why."""
    page = (await visitor.get("/sales?range=all")).text
    assert page.count("аннулирован</span>") == 2
    assert "10,00" in page.split('data-part="totals"')[1].split("</section>")[0]
    file = (await visitor.get("/sales/export.csv?range=all")).text
    assert file.count("Продажа") == 1
    card = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s2")).text
    assert "Этот чек аннулирован" in card
    assert "пробит дважды" in card
    assert "Образцова О.О." in card


async def test_the_voided_ones_alone(visitor: Visitor, shop: Shop) -> None:
    """A list of what was voided says how much that was, and that it is in no figure; its file has just those."""
    page = (await visitor.get("/sales?range=all&voided=1")).text
    totals = part(page, "totals")
    assert "2 продажи" in totals
    assert "в итоги не входят" in totals
    assert totals.sums[-2] == "60,00 ₽"
    assert page.count("аннулирован</span>") == 2
    file = (await visitor.get("/sales/export.csv?range=all&voided=1")).text
    assert file.count("Продажа") == 2
