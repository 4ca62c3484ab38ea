"""Costs that lines take over when a receipt comes again; decisions 52 and 105."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from projections.models import PROJECTIONS
from schemas.events import (
    Event,
    GoodSaved,
    Line,
    Payment,
    ReturnLine,
    SaleRegistered,
    SaleReturned,
    SaleVoided,
)
from schemas.records import UploadRecord
from tests.projections.inmemory import differing, folded
from tests.projections.model import OutletModel
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


def test_a_good_new_in_a_replacement_takes_its_cost_of_when_the_sale_was_first_applied() -> None:
    """Whatever it was saved with since; unknown where it had none then."""
    again = replace(SALE, lines=[TEA, CAKE])
    before = (good("tea", 40), good("cake", 120), SALE)
    assert costs(*before, again) == [Decimal(40), Decimal(120)]
    assert costs(*before, good("tea", 50), good("cake", 150), again) == [Decimal(40), Decimal(120)]
    assert costs(good("cake", 110), *before, good("cake", 150), again) == [Decimal(40), Decimal(120)]
    assert costs(SALE, good("cake", 150), good("cake", 160), again) == [None, None]


def test_a_good_that_was_left_out_in_between_keeps_its_cost() -> None:
    """That of when the sale was first applied, whatever versions there were since."""
    without = replace(SALE, lines=[CAKE])
    assert costs(good("tea", 40), SALE, without, good("tea", 50), SALE) == [Decimal(40)]


def test_a_cost_that_the_till_names_is_the_cost() -> None:
    named = replace(SALE, lines=[TEA, replace(CAKE, cost=Decimal("119.5"))])
    assert costs(good("cake", 120), SALE, good("cake", 150), named) == [None, Decimal("119.5")]


GOODS = st.sampled_from(["tea", "cake", "jam"])
NAMED = st.one_of(st.none(), st.none(), st.integers(1, 9).map(Decimal))
SAVED = st.builds(lambda good_id, cost: good(good_id, cost), GOODS, st.integers(1, 4))
SOLD = st.builds(
    lambda sale, lines: SaleRegistered(
        AT, sale, "1", [Line(good, "", Decimal(1), Decimal(10), cost=cost) for good, cost in lines], []
    ),
    st.sampled_from(["s1", "s2"]),
    st.lists(st.tuples(GOODS, NAMED), min_size=1, max_size=3),
)
BACK = st.builds(
    lambda back, sale, goods: SaleReturned(
        AT, back, [ReturnLine(good, Decimal(1), Decimal(10)) for good in goods], [], sale
    ),
    st.sampled_from(["r1", "r2"]),
    st.sampled_from([None, "s1", "s2"]),
    st.lists(GOODS, min_size=1, max_size=3),
)
VOIDED = st.builds(lambda sale: SaleVoided(AT, sale), st.sampled_from(["s1", "s2"]))
HISTORIES = st.lists(st.one_of(SAVED, SAVED, SOLD, SOLD, BACK, VOIDED), min_size=4, max_size=25)


@given(HISTORIES)
def test_any_history_of_costs_is_the_models(events: list[Event]) -> None:
    """Goods saved with other costs among receipts and returns of two tills that come again, changed, or voided:
    all rows are those of the model, which looks through everything that was applied."""
    records = [
        UploadRecord(uuid(1), uuid(2 + n % 2), uuid(4 + n % 2), n // 2 + 1, "Europe/Moscow", AT, [event])
        for n, event in enumerate(events)
    ]
    model = OutletModel("Europe/Moscow")
    for record in records:
        model.read(record)
    assert differing(folded(records), {uuid(1): model}, PROJECTIONS) == {}
