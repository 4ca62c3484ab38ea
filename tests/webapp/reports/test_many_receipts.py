"""A good or a group in more receipts than a page searches: its figure is the reports', and equals the recount."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import Part, Reader, days_of, part
from tests.webapp.shop import Shop, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.reports import receipt_sums


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Tea for 100 with 20 of tax on top of it, and for 50 the day after, when 30 are given back; a cup, of no group, in
    both receipts."""
    monkeypatch.setattr(receipt_sums, "MOST_SEARCHED", 0)
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    tax = {"rate": "20", "amount": "20.00", "on_top": True}
    tea = {"good_id": "tea", "name": "Чай", "quantity": "2", "price": "50.00", "tax": tax}
    cup = {"good_id": "cup", "name": "Чашка", "quantity": "1", "price": "7.00"}
    shop.send(
        good("tea", "Чай", "Чаи"),
        {**sale("s1", "2026-11-20T10:00:00+03:00"), "lines": [tea, cup], "payments": []},
        sale("s2", "2026-11-21T10:00:00+03:00", ("tea", "1", "50.00"), ("cup", "1", "7.00")),
        {
            "type": "sale.returned",
            "at": "2026-11-21T12:00:00+03:00",
            "return_id": "r1",
            "sale_id": "s1",
            "lines": [{"good_id": "tea", "quantity": "0.5", "amount": "30.00"}],
            "refunds": [{"method": "cash", "amount": "30.00"}],
        },
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


def parted(totals: Part) -> list[str]:
    """What a list of a good or a group says of it: its sum and its quantity."""
    figure = "[\N{MINUS SIGN}\\d, ]+"
    found = re.search(f"из них по отбору ({figure}₽) количество ({figure})", totals)
    assert found, totals
    return [each.strip() for each in found.groups()]


@pytest.mark.parametrize("which", ["good=tea", "category=Чаи", "good=cup", "ungrouped=1"])
@pytest.mark.parametrize("kind", ["sales", "returns", "all"])
async def test_the_figure_of_the_days_is_that_of_the_receipts(
    visitor: Visitor, shop: Shop, which: str, kind: str
) -> None:
    """Also with tax on top, and what came back; the sums of the days that are shown are of receipts either way."""
    address = f"/sales?range=30d&kind={kind}&{which}"
    of_days, recounted = [(await visitor.get(each)).text for each in (address, f"{address}&recount=1")]
    before, after = part(of_days, "totals"), part(recounted, "totals")
    assert "Сумма взята из дневных итогов" in before
    assert "товары" not in before
    assert "Совпадают" in after
    assert parted(before) == parted(after)
    assert days_of(of_days) == days_of(recounted)


async def test_a_figure_opens_to_its_receipts(visitor: Visitor, shop: Shop) -> None:
    """What the best good and the best group brought is what their receipts come to, tax on top included."""
    report = (await visitor.get("/report?range=30d")).text
    for name, figure in (("goods", "140,00"), ("groups", "140,00")):
        assert f"{figure} ₽" in part(report, name).sums
        link = re.search(rf'data-part="{name}".*?<td class="num"><a href="(/sales[^"]*)"', report, re.DOTALL)
        assert link
        listed = part((await visitor.get(f"{html.unescape(link[1])}&recount=1")).text, "totals")
        assert parted(listed) == [f"{figure} ₽", "2,5"]


async def test_where_the_days_tell_less(visitor: Visitor, shop: Shop) -> None:
    """A gift card is no revenue and stands in its receipt: where one was sold the receipts are summed all the same."""
    card: dict[str, Any] = {"good_id": "card", "name": "Сертификат", "quantity": "1", "price": "500.00"}
    lines = [{**card, "kind": "gift_card"}, {"good_id": "cup", "name": "Чашка", "quantity": "1", "price": "7.00"}]
    shop.send({**sale("s3", "2026-11-22T10:00:00+03:00"), "lines": lines, "payments": []})
    for which, figures in (
        ("good=card", ["500,00 ₽", "1"]),
        ("good=cup", ["21,00 ₽", "3"]),
    ):
        shown = part((await visitor.get(f"/sales?range=30d&kind=all&{which}")).text, "totals")
        assert parted(shown) == figures
        assert "товары" in shown


async def test_many_receipts_of_shops(reader: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same on the real data and on the simulator's, where the days may tell it."""
    monkeypatch.setattr(receipt_sums, "MOST_SEARCHED", 0)
    for which in ("good={good}", "category={category}", "ungrouped=1"):
        address = f"/sales?outlet=all&range=all&kind=all&{which}".format(**reader.asked)
        of_days, recounted = [part(await reader.page(each), "totals") for each in (address, f"{address}&recount=1")]
        assert parted(of_days) == parted(recounted)
        assert "Отличаются на" not in recounted
