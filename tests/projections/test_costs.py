"""Costs that lines take over when a receipt comes again; decisions 52 and 85."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from msgspec.structs import replace

from schemas.events import Event, GoodSaved, Line, Payment, SaleRegistered
from schemas.records import UploadRecord
from tests.projections.inmemory import folded
from tests.projections.world import uuid

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
TEA = Line("tea", "Чай", Decimal(1), Decimal(100))
CAKE = Line("cake", "Торт", Decimal(1), Decimal(300))
SALE = SaleRegistered(AT, "s1", "1", [TEA], [Payment("cash", Decimal(100))])


def good(good_id: str, cost: int) -> GoodSaved:
    return GoodSaved(AT, good_id, good_id, "", Decimal(500), cost=Decimal(cost))


def costs(*events: Event) -> list[Decimal | None]:
    """The costs of the lines of the receipt, after these events of a till."""
    models = folded([UploadRecord(uuid(1), uuid(2), uuid(3), 1, "Europe/Moscow", AT, list(events))])
    [row] = models.tables["sales"].rows()
    return [line.cost for line in row.lines]


def test_a_good_that_the_receipt_had_keeps_its_cost() -> None:
    """Also the cost that was not known when the sale was first applied."""
    assert costs(good("tea", 40), SALE, good("tea", 50), SALE) == [Decimal(40)]
    assert costs(SALE, good("tea", 50), SALE) == [None]


def test_a_good_new_in_a_replacement_takes_its_cost_of_then() -> None:
    """Not that of the first application, which no row holds: here the service falls short of the contract."""
    again = replace(SALE, lines=[TEA, CAKE])
    before = (good("tea", 40), good("cake", 120), SALE)
    assert costs(*before, again) == [Decimal(40), Decimal(120)]
    assert costs(*before, good("tea", 50), good("cake", 150), again) == [Decimal(40), Decimal(150)]


def test_a_good_that_was_left_out_in_between_is_new() -> None:
    """Only the version before is known."""
    without = replace(SALE, lines=[CAKE])
    assert costs(good("tea", 40), SALE, without, good("tea", 50), SALE) == [Decimal(50)]


def test_a_cost_that_the_till_names_is_the_cost() -> None:
    named = replace(SALE, lines=[TEA, replace(CAKE, cost=Decimal("119.5"))])
    assert costs(good("cake", 120), SALE, good("cake", 150), named) == [None, Decimal("119.5")]
