"""Контакты and the card of one: what was bought by the receipts that name them, and who has not come for long."""

from __future__ import annotations

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """One contact with receipts of 100 and 51, 20 of which came back, and a voided one; one that came in August last;
    one that never did."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    figures = {"purchases_total": "999.00", "debt": "5.00", "points": "7"}
    shop.send(
        *(
            {"type": "contact.saved", "at": "2026-08-01T10:00:00+03:00", "contact_id": each, "name": name, **figures}
            for each, name in (("c1", "Пробников П.П."), ("c2", "Образцова О.О."), ("c3", "Примерный И.И."))
        ),
        sale("s1", "2026-11-20T12:00:00+03:00", ("tea", "1", "100.00"), contact_id="c1"),
        sale("s2", "2026-11-21T12:00:00+03:00", ("tea", "1", "51.00"), contact_id="c1"),
        sale("s3", "2026-11-22T12:00:00+03:00", ("tea", "1", "9000.00"), contact_id="c1"),
        {"type": "sale.voided", "at": "2026-11-22T12:05:00+03:00", "sale_id": "s3"},
        sale("s4", "2026-08-02T12:00:00+03:00", ("tea", "1", "70.00"), contact_id="c2"),
        {
            "type": "sale.returned",
            "at": "2026-11-21T13:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [{"good_id": "tea", "quantity": "1", "amount": "20.00"}],
            "refunds": [{"method": "cash", "amount": "20.00"}],
        },
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def test_the_list_says_who_bought_what(visitor: Visitor, shop: Shop) -> None:
    """Receipts, the average and the last purchase; the count leads to the receipts, the name to its card."""
    page = (await visitor.get(f"/contacts?outlet={shop.outlet}")).text
    rows = part(page, "rows")
    assert "7 2 75,50 ₽ 21.11.2026 12:00" in rows.replace("\N{NO-BREAK SPACE}", " ")
    assert f"/sales?outlet={shop.outlet}&amp;contact=c1&amp;range=all" in page
    assert f"/contacts/card?outlet={shop.outlet}&amp;contact=c1" in page
    file = (await visitor.get(f"/contacts/export.csv?outlet={shop.outlet}&sort=-recent")).content.decode("utf-8-sig")
    assert [row.split(";", 5)[5] for row in file.splitlines()[1:]] == [
        "c1;2;151,00;75,50;21.11.2026 12:00:00;151,00;0,00",
        "c2;1;70,00;70,00;02.08.2026 12:00:00;0,00;70,00",
        "c3;0;;;;;",
    ]
    assert f"/sales?outlet={shop.outlet}&amp;contact=c2&amp;from=2026-05-29&amp;to=2026-08-26" in page


@pytest.mark.parametrize(("gone", "names"), [("30", ["Образцова"]), ("90", ["Образцова"]), ("180", [])])
async def test_who_has_not_come_for_long(visitor: Visitor, shop: Shop, gone: str, names: list[str]) -> None:
    """By the last receipt that counts; who never came is not among them, and the file lists the same."""
    page = (await visitor.get(f"/contacts?outlet={shop.outlet}&gone={gone}")).text
    everyone = ["Пробников", "Образцова", "Примерный"]
    assert [name for name in everyone if name in part(page, "rows")] == names
    file = (await visitor.get(f"/contacts/export.csv?outlet={shop.outlet}&gone={gone}")).content.decode("utf-8-sig")
    assert [name for name in everyone if name in file] == names


async def test_the_card(visitor: Visitor, shop: Shop) -> None:
    """151 in two receipts, 20 of it back; the voided one counts nowhere. What the till says stands beside."""
    page = (await visitor.get(f"/contacts/card?outlet={shop.outlet}&contact=c1")).text
    assert part(page, "facts").sums == ["151,00 ₽", "75,50 ₽", "151,00 ₽", "20,00 ₽", "999,00 ₽", "5,00 ₽"]
    assert "3 дня назад" in part(page, "facts")
    assert part(page, "receipts").sums == ["51,00 ₽", "100,00 ₽"]
    assert f"/sales/card?outlet={shop.outlet}&amp;sale=s2" in page
    returned = f"/sales?outlet={shop.outlet}&contact=c1&kind=returns&range=all"
    assert returned.replace("&", "&amp;") in page
    assert "−20,00 ₽" in part((await visitor.get(returned)).text, "rows").sums
    never = (await visitor.get(f"/contacts/card?outlet={shop.outlet}&contact=c3")).text
    assert "Чеков с этим контактом нет" in never
    assert (await visitor.get(f"/contacts/card?outlet={shop.outlet}&contact=c9")).status_code == 404
    assert (await visitor.get(f"/contacts/card?outlet={shop.outlets['Ларёк']}&contact=c1")).status_code == 404
