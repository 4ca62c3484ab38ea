"""Copies of a fiscal document: listed, marked, and in no sum; their card leads to the receipt that counts."""

from __future__ import annotations

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

FISCAL = {"fn": "9999078900001341", "fd": "12", "fp": "3522207165"}


async def test_a_copy_is_marked_and_counts_in_no_sum(postgres: str, portal: Portal, visitor: Visitor) -> None:
    """The receipt came from the fiscal operator and then from its own till: both are listed, 100 are counted."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная",))
    at = "2026-11-20T12:00:00+03:00"
    importer = "11111111-1111-4111-8111-111111111111"
    shop.change(
        "INSERT INTO app.tills (till_id, outlet_id, name, imported) VALUES (%s, %s, 'receipts', true)",
        importer,
        shop.outlet,
    )
    shop.send(sale("9999-12", at, ("Чай", "1", "100.00"), fiscal=FISCAL), till=importer, imported=True)
    shop.send(sale("s1", at, ("tea", "1", "100.00"), fiscal=FISCAL))
    await enter(visitor, postgres, "owner@example.com")
    page = (await visitor.get("/sales?range=all")).text
    assert page.count("дубль фискального документа") == 1
    assert "100,00 ₽" in part(page, "totals")
    assert "200,00 ₽" not in page
    card = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=9999-12")).text
    assert "Дубль фискального документа: он пришёл и с другой кассы." in card
    assert f"sale=s1&amp;till={shop.till(shop.outlet)}" in card
    assert "Дубль" not in (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s1")).text
    file = (await visitor.get("/sales/export.csv?range=all")).content.decode("utf-8-sig")
    assert len(file.splitlines()) == 2
    assert shop.sql("SELECT sales, revenue FROM daily") == [(1, 100)]


async def test_a_sale_and_a_return_of_one_number_are_told_of(postgres: str, portal: Portal, visitor: Visitor) -> None:
    """Both count; dashboard, ledger and both cards say that one of them is wrong, until one of them is voided."""
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    at = "2026-11-23T12:00:00+03:00"
    lines = [{"good_id": "tea", "quantity": "1", "amount": "40.00"}]
    back = {"type": "sale.returned", "at": at, "lines": lines, "refunds": [{"method": "cash", "amount": "40.00"}]}
    shop.send(
        sale("s1", at, ("tea", "1", "100.00"), fiscal=FISCAL),
        sale("s2", at, ("tea", "1", "7.00"), fiscal={**FISCAL, "fd": "13"}),
        {**back, "return_id": "right", "fiscal": {**FISCAL, "fd": "14"}},
        {**back, "return_id": "other-drive", "fiscal": {**FISCAL, "fn": "1"}},
        {**back, "return_id": "without"},
    )
    await enter(visitor, postgres, "owner@example.com")
    card = f"/sales/card?outlet={shop.outlet}"
    told = ("/", f"/outlets/{shop.outlet}/ledger", f"{card}&sale=s1", f"{card}&return=wrong")

    async def say_so() -> list[str]:
        return [path for path in told if "те же ФН и ФД" in (await visitor.get(path)).text.replace("Те же", "те же")]

    assert await say_so() == []
    shop.send({**back, "return_id": "wrong", "fiscal": FISCAL})
    assert await say_so() == list(told)
    assert f"sale=s1&amp;till={shop.till(shop.outlet)}" in (await visitor.get("/")).text
    assert "У возврата wrong от" in (await visitor.get(f"{card}&sale=s1")).text
    for other in ("sale=s2", "return=right", "return=other-drive", "return=without"):
        assert "ошибка кассы" not in (await visitor.get(f"{card}&{other}")).text
    assert shop.sql("SELECT sales, returns, revenue FROM daily") == [(2, 4, -53)]
    shop.send({"type": "return.voided", "at": at, "return_id": "wrong"})
    assert await say_so() == []
