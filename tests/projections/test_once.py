"""Fiscal identity: receipts of the same fiscal numbers count once in an outlet, from whatever till, in any order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events import Event, Fiscal, Line, Payment, Refund, ReturnLine, SaleRegistered, SaleReturned, SaleVoided
from schemas.records import UploadRecord
from tests.projections.inmemory import folded
from tests.projections.world import World, uuid
from tests.schemas.strategies import arriving, delivery, histories, interleaved

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
NUMBERS = Fiscal("9999078900001341", "1204", "3522207165")
SALE = SaleRegistered(
    AT,
    "own-1",
    "1",
    [Line("tea", "Чай", Decimal(2), Decimal(50))],
    [Payment("card", Decimal(100))],
    fiscal=NUMBERS,
)
IMPORTED = replace(SALE, sale_id="9999078900001341-1204", lines=[replace(SALE.lines[0], good_id="Чай")])
KINDS = ("sale.registered", "sale.returned", "sale.voided", "return.voided")


def upload(till: int, *events: Event, imported: bool = False, first_seq: int = 1) -> UploadRecord:
    received_at = AT + timedelta(hours=1)
    zone = "Europe/Moscow"
    return UploadRecord(
        uuid(1), uuid(till), uuid(till + 50), first_seq, zone, received_at, list(events), imported=imported
    )


def figures(*uploads: UploadRecord) -> tuple[int, Decimal, int, dict[str, Decimal], list[tuple[str, bool]]]:
    """Sales, revenue and voids of the day; the stock; and which receipts are marked as copies."""
    models = folded(uploads)
    [day] = models.tables["daily"].rows.values()
    stock = {row.good_id: row.quantity for row in models.tables["stock"].rows() if row.quantity}
    marks = sorted((row.sale_id, row.fiscal_copy) for row in models.tables["sales"].rows())
    assert models.tables["outlet_totals"].get((uuid(1),)).sales == day.sales
    return day.sales, day.revenue, day.voided, stock, marks


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_any_delivery_counts_fiscal_documents_once(world: World, data: st.DataObject) -> None:
    """Receipts of few numbers from tills and importers, replaced, voided, in any order: the rows are the model's."""
    world.begin()
    runs = data.draw(histories(outlets=1, tills=3, most_events=6, kinds=KINDS))
    for each in data.draw(interleaved([data.draw(delivery(run)) for run in runs]).flatmap(arriving)):
        world.append(each)
    world.apply(data.draw(st.lists(st.integers(1, 30), max_size=5)))
    world.agree()


def test_a_tills_own_receipt_stands_before_an_imported_one() -> None:
    """Whichever comes first, the till's own counts, with its goods, and the imported one is kept as a copy."""
    own, imported = upload(1, SALE), upload(2, IMPORTED, imported=True)
    marks = [(IMPORTED.sale_id, True), (SALE.sale_id, False)]
    for order in permutations((own, imported)):
        assert figures(*order) == (1, Decimal(100), 0, {"tea": Decimal(-2)}, marks)


def test_of_two_tills_of_the_outlet_the_first_receipt_stands() -> None:
    first, second = upload(1, SALE), upload(2, replace(SALE, sale_id="own-2"))
    marks = [("own-1", False), ("own-2", True)]
    assert figures(first, second) == (1, Decimal(100), 0, {"tea": Decimal(-2)}, marks)


def test_other_numbers_or_none_are_other_receipts() -> None:
    """Another device, another document, no numbers at all (twice): each counts."""
    others: list[Any] = [replace(NUMBERS, fn="1"), replace(NUMBERS, fd="1"), None, None]
    sales = [replace(SALE, sale_id=f"s{n}", fiscal=fiscal) for n, fiscal in enumerate(others)]
    assert figures(upload(1, SALE), upload(2, *sales, imported=True))[:2] == (5, Decimal(500))


def test_a_tills_own_void_holds_against_what_is_imported() -> None:
    """The receipt that its till voided does not come back by the file of the fiscal operator, in whatever order."""
    own, imported = upload(1, SALE), upload(2, IMPORTED, imported=True)
    void = upload(1, SaleVoided(AT, SALE.sale_id), first_seq=2)
    for order in ((own, void, imported), (own, imported, void), (imported, own, void), (void, own, imported)):
        assert figures(*order)[:4] == (0, Decimal(0), 1, {})


def test_a_receipt_sent_again_under_another_id_takes_the_place_of_the_voided_one() -> None:
    again = replace(SALE, sale_id="own-2")
    found = figures(upload(1, SALE, SaleVoided(AT, SALE.sale_id), again))
    assert found == (1, Decimal(100), 1, {"tea": Decimal(-2)}, [("own-1", True), ("own-2", False)])


def test_a_copy_counts_once_the_other_has_other_numbers() -> None:
    """The till sends its receipt again, corrected: the imported one is then the only one of its numbers."""
    corrected = replace(SALE, fiscal=replace(NUMBERS, fd="1205"))
    found = figures(upload(1, SALE), upload(2, IMPORTED, imported=True), upload(1, corrected, first_seq=2))
    assert found[:4] == (2, Decimal(200), 0, {"tea": Decimal(-2), "Чай": Decimal(-2)})


def test_returns_count_once_likewise() -> None:
    back = SaleReturned(
        AT, "r1", [ReturnLine("tea", Decimal(1), Decimal(50))], [Refund("card", Decimal(50))], fiscal=NUMBERS
    )
    for order in permutations((upload(1, back), upload(2, replace(back, return_id="r2"), imported=True))):
        models = folded(order)
        [day] = models.tables["daily"].rows.values()
        assert (day.returns, day.returns_sum) == (1, Decimal(50))
        marks = {row.return_id: row.fiscal_copy for row in models.tables["returns"].rows()}
        assert marks == {"r1": False, "r2": True}
