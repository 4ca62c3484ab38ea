"""An owner is told of a till whose clock is wrong, and of a receipt number that was used again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.shop import Shop, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal

AT = "2026-11-20T12:00:00+03:00"


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    portal.clock = lambda: NOW
    shop = Shop(postgres)
    shop.send(sale("s1", AT, ("tea", "1", "100.00")), sale("s2", AT, ("tea", "1", "7.00")))
    await enter(visitor, postgres, "owner@example.com")
    return shop


async def pages(visitor: Visitor, shop: Shop) -> list[str]:
    answers = [await visitor.get(path) for path in ("/", "/report", f"/outlets/{shop.outlet}/ledger")]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.text for answer in answers]


async def test_all_is_well(visitor: Visitor, shop: Shop) -> None:
    """Nothing is said of clocks and numbers; a restored till that sends the same again changes nothing."""
    shop.send(sale("s1", AT, ("tea", "1.0", "100.0")))
    for page in await pages(visitor, shop):
        assert "Часы кассы" not in page
        assert "использован" not in page


async def test_a_clock_that_is_years_ahead(visitor: Visitor, shop: Shop, portal: Portal) -> None:
    """One line names the till and the date that it gave, for a week after the last such event."""
    shop.send(sale("s3", "2036-02-07T09:28:16+03:00", ("tea", "1", "5.00")))
    for page in await pages(visitor, shop):
        assert page.count("Часы кассы") == 1
        assert "2036" in page
    portal.clock = lambda: NOW + timedelta(days=8)
    for page in await pages(visitor, shop):
        assert "Часы кассы" not in page


async def test_a_number_that_was_used_again(visitor: Visitor, shop: Shop) -> None:
    """The notice leads to the card, which shows both versions; the figures have the later one."""
    shop.send(sale("s1", "2026-11-21T12:00:00+03:00", ("coffee", "2", "200.00")))
    for page in await pages(visitor, shop):
        assert page.count("номер чека использован повторно") == 1
        assert "sale=s1" in page
        assert "все чеки на месте" not in page.lower()
        assert "ничего не пропало" not in page
    card = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s1")).text
    versions = card.split('data-part="replaced"')[1].split("</section>")[0]
    assert "100,00" in versions
    assert "400,00" in versions
    assert "Товар tea × 1" in versions
    assert "Товар coffee × 2" in versions
    assert 'data-part="replaced"' not in (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s2")).text


async def test_the_cost_of_what_is_new_in_it_is_that_of_the_first_application(visitor: Visitor, shop: Shop) -> None:
    """Whatever the good was saved with since."""
    good = {"type": "good.saved", "at": AT, "good_id": "coffee", "name": "Кофе", "category": "", "max_price": "200.00"}
    shop.send({**good, "cost": "80.00"}, sale("s3", AT, ("tea", "1", "200.00")))
    shop.send({**good, "cost": "90.00"}, sale("s3", AT, ("coffee", "1", "200.00")))
    replaced = (await visitor.get(f"/sales/card?outlet={shop.outlet}&sale=s3")).text
    assert "80,00" in replaced
    assert "90,00" not in replaced
