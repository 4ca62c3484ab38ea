"""The card of a sale with all that a till may say of it, by hand."""

from __future__ import annotations

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp import costs
from webapp.app import Portal

AT = "2026-11-20T12:00:00+03:00"


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """A corrected sale of 300 with a cost of 180 and 50 of tax, delivery for 100 without either, a kopeck less; two
    returns of it, one of them voided, and the return of an unknown sale, voided too."""
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    tea = {"good_id": "tea", "name": "Чай", "quantity": "3", "price": "100.00", "cost": "60.00", "unit": "шт"}
    lines = [
        {**tea, "tax": {"rate": "20", "amount": "50.00"}},
        {"good_id": "way", "name": "Доставка", "quantity": "1", "price": "100.00", "kind": "service"},
    ]
    fiscal = {"fn": "9999078900000001", "fd": "1234", "fp": "3141592653"}
    said = {"lines": lines, "rounding": "-0.01", "correction": True, "fiscal": fiscal, "shift_id": "sh1"}
    back = {"lines": [{"good_id": "tea", "quantity": "1", "amount": "100.00"}]}
    refunds = [{"method": "card", "amount": "100.00"}]
    returned = {"type": "sale.returned", "at": AT, **back, "refunds": refunds}
    shop.send(
        {"type": "shift.opened", "at": AT, "shift_id": "sh1", "number": "2524", "cash": "0.00"},
        {**sale("s1", AT, cashier="Образцова А.А."), **said, "payments": [{"method": "card", "amount": "399.99"}]},
        {**returned, "return_id": "good", "sale_id": "s1"},
        {**returned, "return_id": "bad", "sale_id": "s1"},
        {**returned, "return_id": "lone", "sale_id": "unknown"},
        *({"type": "return.voided", "at": AT, "return_id": one, "reason": "не тот чек"} for one in ("bad", "lone")),
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_all_that_a_till_says(visitor: Visitor, shop: Shop) -> None:
    """Shift by its number, cashier, fiscal numbers, rounding, tax, cost and margin, by the receipt and by line."""
    page = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s1")).text
    facts = " ".join(page.partition('<dl class="facts">')[2].partition("</section>")[0].replace("\xa0", " ").split())
    for text in ("Образцова А.А.", "ФН 9999078900000001", "ФД 1234, ФП 3141592653", "−0,01 ₽", "399,99 ₽"):
        assert text in facts, text
    assert "<dt>В том числе налог</dt><dd>50,00 ₽</dd>" in facts
    assert "<dt>Себестоимость</dt><dd>180,00 ₽</dd>" in facts
    assert '<dt>Маржа</dt><dd>120,00 ₽ <span class="hint">с 300,00 ₽</span>' in facts
    assert "Чек коррекции" in facts
    assert f'/shifts/card?outlet={shop.outlet}&amp;shift=sh1&amp;till={shop.till(shop.outlet)}">2524</a>' in facts
    lines = part(page, "tab")
    assert "Чай 3 шт 100,00 ₽ — 50,00 ₽ 20 % 60,00 ₽ 300,00 ₽" in lines
    assert "Доставка услуга 1 100,00 ₽ — — — 100,00 ₽" in lines


async def test_who_may_not_see_costs(visitor: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one switch takes cost and margin off the card."""
    monkeypatch.setattr(costs, "sees_costs", lambda: False)
    page = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s1")).text
    assert "Себестоимость" not in page
    assert "Маржа" not in page


async def test_a_voided_return_is_marked(visitor: Visitor, shop: Shop) -> None:
    """It stays on the card of its sale, says why it was voided, and is not counted; so does one of an unknown sale."""
    page = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s1&tab=returns")).text
    assert "Возвраты <small>1</small>" in page
    tab = part(page, "tab")
    assert tab.count("Возврат ") == 2
    assert "Возврат bad" in tab.partition("аннулирован")[0]
    assert "не тот чек" in tab
    lone = (await visitor.get(f"/sales/card?outlet={shop.outlet}&return=lone")).text
    assert "Этот возврат аннулирован" in lone
    assert "учитывается всё равно" not in lone
