"""What was sold by its classes (ABC, XYZ), by the hour, and what was not sold: by hand on a few receipts."""

from __future__ import annotations

from typing import Any

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.reports.reader import part
from tests.webapp.shop import Shop, counted, good, sale
from tests.webapp.visitor import Visitor
from webapp import costs
from webapp.app import Portal

FOUR_WEEKS = "from=2026-10-28&to=2026-11-24"


def costly(good_id: str, quantity: str, price: str, cost: str) -> dict[str, Any]:
    return {"good_id": good_id, "name": good_id, "quantity": quantity, "price": price, "cost": cost}


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """In each of four weeks 2 of the tea for 100 (cost 99.50) and 4 or 5 of the coffee for 10 (cost 1); sugar once.
    In stock besides: cake that was sold in September last, salt that never was, flour of which there is none."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, outlets=("Чайная", "Ларёк"))
    for number, (day, coffee) in enumerate((("10-30", "4"), ("11-06", "5"), ("11-13", "4"), ("11-20", "5"))):
        lines = [costly("tea", "2", "100.00", "99.50"), costly("coffee", coffee, "10.00", "1.00")]
        shop.send({**sale(f"s{number}", f"2026-{day}T12:30:00+03:00"), "lines": lines, "payments": []})
    shop.send(
        sale("s9", "2026-11-20T18:10:00+03:00", ("sugar", "1", "20.00")),
        sale("old", "2026-09-01T18:10:00+03:00", ("cake", "1", "1.00")),
        good("tea", "Чай", max_price="100.00", cost="99.50"),
        good("cake", "Торт", max_price="300.00", cost="150.50"),
        good("salt", "Соль", max_price="20.00"),
        good("flour", "Мука"),
        *(counted("tea", "50"), counted("cake", "2"), counted("salt", "30"), counted("flour", "0")),
    )
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def rows(visitor: Visitor, path: str) -> list[list[str]]:
    text = (await visitor.get(path)).content.decode("utf-8-sig")
    return [row.split(";") for row in text.splitlines()[1:]]


async def test_classes(visitor: Visitor, shop: Shop) -> None:
    """800 of 1000 are tea: A. Coffee comes to 980: B. By margin coffee has 162 of 166: A, and tea only the rest: C.
    The tea sells evenly, the weeks of coffee differ by 11 %, sugar sold in one week of four."""
    found = [row[1:] for row in await rows(visitor, f"/sold/abc/export.csv?outlet={shop.outlet}&{FOUR_WEEKS}")]
    assert found == [
        ["tea", "Чай", "Чай", "8", "800,00", "0,00", "A", "", "4,00", "C", "X", "0"],
        ["coffee", "coffee", "", "18", "180,00", "0,00", "B", "", "162,00", "A", "Y", "11"],
        ["sugar", "Товар sugar", "", "1", "20,00", "0,00", "C", "", "", "", "Z", "173"],
    ]
    page = (await visitor.get(f"/sold/abc?outlet={shop.outlet}&{FOUR_WEEKS}")).text
    assert "A: 80 % выручки 1 80 % — — —" in part(page, "cells")
    receipts = f"/sales?from=2026-10-28&amp;to=2026-11-24&amp;outlet={shop.outlet}&amp;kind=all&amp;good=tea"
    assert receipts in page
    only = (await visitor.get(f"/sold/abc?outlet={shop.outlet}&{FOUR_WEEKS}&abc=B&xyz=Y")).text
    assert part(only, "rows").sums == ["180,00 ₽", "162,00 ₽"]


async def test_classes_against_the_days_before(visitor: Visitor, shop: Shop) -> None:
    """In the 28 days before, sugar brought 900 of 1000: it was A and is C now; tea had 60: B."""
    lines = [("sugar", "10", "90.00"), ("tea", "6", "10.00"), ("cake", "1", "40.00")]
    shop.send(sale("b1", "2026-10-02T12:00:00+03:00", *lines))
    found = await rows(visitor, f"/sold/abc/export.csv?outlet={shop.outlet}&{FOUR_WEEKS}")
    assert [(row[1], row[6], row[7], row[8]) for row in found] == [
        ("tea", "60,00", "A", "B"),
        ("coffee", "0,00", "B", ""),
        ("sugar", "900,00", "C", "A"),
    ]
    shown = part((await visitor.get(f"/sold/abc?outlet={shop.outlet}&{FOUR_WEEKS}")).text, "rows")
    assert "C было A" in shown
    assert "−98" in shown


async def test_three_weeks_say_nothing_of_evenness(visitor: Visitor, shop: Shop) -> None:
    """Nor do days to come, by which a period may be longer; and a cost that is not to be seen leaves no class."""
    for dates in ("from=2026-11-01&to=2026-11-24", "from=2026-11-01&to=2027-11-24"):
        found = await rows(visitor, f"/sold/abc/export.csv?outlet={shop.outlet}&{dates}")
        assert [row[11:] for row in found] == [["", ""]] * 3


async def test_a_young_shop(visitor: Visitor, shop: Shop) -> None:
    """Weeks before its first sale say nothing of how evenly a shop sells: with two of its own, it is too early; with
    four, they alone count, however long the period is."""
    young = shop.outlets["Ларёк"]
    weekly = [sale(f"y{day}", f"2026-11-{day}T12:00:00+03:00", ("gum", "2", "10.00")) for day in (13, 20)]
    shop.send(*weekly, outlet=young)
    path = f"/sold/abc?outlet={young}&range=90d"
    assert [row[11:] for row in await rows(visitor, path.replace("abc?", "abc/export.csv?"))] == [["", ""]]
    page = (await visitor.get(path)).text
    assert "рано судить" in part(page, "rows")
    assert "A: 80 % выручки — — — 1 100 %" in part(page, "cells")
    earlier = [sale(f"y{day}", f"2026-{day}T12:00:00+03:00", ("gum", "2", "10.00")) for day in ("10-28", "11-06")]
    shop.send(*earlier, outlet=young)
    assert [row[11:] for row in await rows(visitor, path.replace("abc?", "abc/export.csv?"))] == [["X", "0"]]


async def test_who_may_see_no_costs(visitor: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """No class by margin, no money at cost, no order of goods that would tell it."""
    monkeypatch.setattr(costs, "sees_costs", lambda: False)
    page = (await visitor.get(f"/sold/abc?outlet={shop.outlet}&{FOUR_WEEKS}")).text
    assert "По марже" not in page
    assert "162,00" not in page
    page = (await visitor.get(f"/sold/unsold?outlet={shop.outlet}")).text
    assert part(page, "rows").sums[0] == "1 200,00 ₽"
    assert "По себестоимости" not in page
    assert "301,00" not in page


async def test_what_was_not_sold(visitor: Visitor, shop: Shop) -> None:
    """Two cakes at 150.50 lie since September, the salt for ever: its cost is not known, at its price it is 600."""
    page = (await visitor.get(f"/sold/unsold?outlet={shop.outlet}")).text
    shown = part(page, "rows")
    assert shown.sums == ["301,00 ₽", "1 200,00 ₽", "600,00 ₽", "301,00 ₽", "600,00 ₽"]
    assert "у 1 товара себестоимость неизвестна" in shown
    assert "больше года назад" in shown
    assert f"/goods/card?outlet={shop.outlet}&amp;good=cake" in page
    found = [row[1:] for row in await rows(visitor, f"/sold/unsold/export.csv?outlet={shop.outlet}&days=60")]
    assert found == [
        ["salt", "Соль", "Чай", "30", "", "600,00", "", ""],
        ["cake", "Торт", "Чай", "2", "301,00", "600,00", "01.09.2026", "01.09.2026"],
    ]
    assert len(await rows(visitor, f"/sold/unsold/export.csv?outlet={shop.outlet}&days=90")) == 1


async def test_by_the_hour(visitor: Visitor, shop: Shop) -> None:
    """Of 1000 in the four weeks 980 were taken between 12 and 13 o'clock, with nothing in the days before."""
    page = (await visitor.get(f"/sold/hours?outlet={shop.outlet}&{FOUR_WEEKS}")).text
    shown = part(page, "rows")
    assert shown.sums == ["980,00 ₽", "245,00 ₽", "20,00 ₽", "20,00 ₽", "1 000,00 ₽"]
    assert "12:00–13:00 4 980,00 ₽ 98 %" in shown.replace("\N{NO-BREAK SPACE}", " ")
    assert "&amp;hour=12" in page
    found = await rows(visitor, f"/sold/hours/export.csv?outlet=all&{FOUR_WEEKS}")
    assert found == [["12", "4", "980,00", "245,00", "0,00"], ["18", "1", "20,00", "20,00", "0,00"]]


async def test_outlets_side_by_side(visitor: Visitor, shop: Shop) -> None:
    """Hours and groups of each outlet on its own, on the page and in the file, each leading to its receipts."""
    other = shop.outlets["Ларёк"]
    shop.send(sale("k1", "2026-11-20T12:30:00+03:00", ("gum", "2", "250.00")), outlet=other)
    query = f"outlet=all&{FOUR_WEEKS}&apart=1"
    found = await rows(visitor, f"/sold/hours/export.csv?{query}")
    assert sorted(found) == [
        ["Ларёк", "12", "1", "500,00", "500,00", "0,00"],
        ["Чайная", "12", "4", "980,00", "245,00", "0,00"],
        ["Чайная", "18", "1", "20,00", "20,00", "0,00"],
    ]
    page = (await visitor.get(f"/sold/hours?{query}")).text
    assert part(page, "rows").sums[-1] == "1 500,00 ₽"
    assert f"/sales?outlet={other}&amp;from=2026-10-28&amp;to=2026-11-24&amp;hour=12" in page
    found = await rows(visitor, f"/sold/export.csv?{query}&by=category")
    assert [row[:4] for row in found] == [
        ["Чайная", "Чай", "8", "800,00"],
        ["Ларёк", "без группы", "2", "500,00"],
        ["Чайная", "без группы", "19", "200,00"],
    ]
    page = (await visitor.get(f"/sold?{query}&by=category")).text
    assert f"outlet={other}&amp;kind=all&amp;ungrouped=1" in page
