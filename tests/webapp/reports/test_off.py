"""Receipts that do not add up: too much and too little are told apart, with one sign everywhere."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    portal.clock = lambda: datetime(2026, 11, 24, 12, tzinfo=UTC)
    shop = Shop(postgres)
    await enter(visitor, postgres, "owner@example.com")
    return shop


def paid(number: str, amount: str, day: int = 20) -> dict[str, object]:
    payments = [{"method": "cash", "amount": amount}]
    return sale(number, f"2026-11-{day}T12:00:00+03:00", ("g1", "1", "100.00"), payments=payments)


async def test_opposite_errors_do_not_cancel(visitor: Visitor, shop: Shop) -> None:
    """Two receipts of a day, one with 10 too much and one with 10 too little: both sums are said, not their zero."""
    shop.send(paid("a", "110.00"), paid("b", "90.00"))
    said = part((await visitor.get("/")).text, "outlets")
    assert "20 нояб. 2026: 2 чека не сходятся, лишних 10,00 ₽, не хватает 10,00 ₽" in said
    shop.send(paid("c", "100.50", day=21))
    for address, name in (("/", "outlets"), ("/report?range=30d", "truth"), ("/report?range=30d", "off")):
        said = part((await visitor.get(address)).text, name)
        assert "3 чека не сходятся, лишних 10,50 ₽, не хватает 10,00 ₽" in said
    listed = part((await visitor.get("/sales?range=30d")).text, "totals")
    assert "не сходится: лишних 10,50 ₽, не хватает 10,00 ₽" in listed


async def test_a_difference_has_one_sign(visitor: Visitor, shop: Shop) -> None:
    """21 refunded for lines of 20 are 1,00 too little in the report, in the list, on the card and in the sums."""
    back = {"return_id": "r1", "sale_id": "a", "lines": [{"good_id": "g1", "quantity": "1", "amount": "20.00"}]}
    refund = {
        "type": "sale.returned",
        "at": "2026-11-20T13:00:00+03:00",
        "refunds": [{"method": "cash", "amount": "21"}],
    }
    shop.send(paid("a", "100.00"), {**refund, **back})
    minus = "\N{MINUS SIGN}1,00 ₽"
    report = (await visitor.get("/report?range=30d")).text
    assert minus in part(report, "off")
    assert "не хватает 1,00 ₽" in part(report, "truth")
    assert f"не сходится на {minus}" in part((await visitor.get("/sales?range=30d&kind=returns")).text, "rows")
    card = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=a&tab=returns")).text
    assert minus in part(card, "tab")


@pytest.mark.parametrize("edge", [" a", "a ", "a\n", "\ta", "\u00a0a\u2003", " "])
async def test_ids_are_what_the_till_sent(visitor: Visitor, shop: Shop, edge: str) -> None:
    """Spaces and line breaks at the ends of ids belong to them: the portal's own links lead to the cards."""
    contact = {"contact_id": edge, "name": "Пробников П.П.", "purchases_total": "0", "debt": "0", "points": "0"}
    shop.send(
        {"type": "good.saved", "at": "2026-11-20T10:00:00+03:00", "good_id": edge, "name": "Чай",
         "category": f"{edge}!", "max_price": "100"},
        {"type": "contact.saved", "at": "2026-11-20T10:00:00+03:00", **contact},
        sale(edge, "2026-11-20T12:00:00+03:00", (edge, "1", "100.00"), number="7", contact_id=edge),
        {"type": "sale.returned", "at": "2026-11-20T13:00:00+03:00", "return_id": edge, "sale_id": "unknown",
         "lines": [{"good_id": edge, "quantity": "1", "amount": "20.00"}], "refunds": []},
    )  # fmt: skip
    rows = (await visitor.get("/sales?range=30d&kind=all")).text
    links = [html.unescape(link) for link in re.findall(r'href="(/sales/card[^"]*)"', rows)]
    goods = (await visitor.get("/goods")).text
    links += [html.unescape(link) for link in re.findall(r'href="(/goods/card[^"]*)"', goods)]
    contacts = (await visitor.get("/contacts")).text
    links += [html.unescape(link) for link in re.findall(r'href="(/sales\?[^"]*contact=[^"]*)"', contacts)]
    assert len(links) >= 4
    for link in links:
        assert (await visitor.get(link)).status_code == 200, link
    by_contact = (await visitor.get(links[-1])).text
    assert 'Контакт: Пробников П.П. <span aria-hidden="true">×</span>' in by_contact
    assert "← Контакты" in by_contact
    assert "1 продажа" in part(by_contact, "totals")
