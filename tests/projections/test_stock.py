"""Stock by effective time: the greatest count and what moved later than it, whatever came first."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.apply.engine import Engine
from projections.columns.store import ColumnStore
from projections.generations import register
from projections.models import PROJECTIONS
from projections.models.stock import STOCK
from projections.store import bulk
from projections.store.bulk import BulkStore
from schemas.events import Event, Line, ReturnLine, SaleRegistered, SaleReturned, StockCounted, StockMoved
from schemas.records import UploadRecord
from tests.projections.recounts import recount
from tests.projections.shops import Shop
from tests.projections.tables import Tables, said
from tests.projections.world import World, batches, uuid
from tests.schemas.strategies import STOCK_EVENTS, arriving, delivery, histories, interleaved

SHOP = Shop(1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=5)
real = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def counted(quantity: int, hours: float, good: str = "g") -> StockCounted:
    """A count, so many hours after noon."""
    return StockCounted(NOON + timedelta(hours=hours), good, "main", Decimal(quantity))


def sold(quantity: int, hours: float, sale_id: str = "s", good: str = "g") -> SaleRegistered:
    line = Line(good, "Чай", Decimal(quantity), Decimal(1))
    return SaleRegistered(NOON + timedelta(hours=hours), sale_id, "1", [line], [])


def back(quantity: int, hours: float) -> SaleReturned:
    line = ReturnLine("g", Decimal(quantity), Decimal(1))
    return SaleReturned(NOON + timedelta(hours=hours), "r", [line], [], sale_id="s")


def received(quantity: int, hours: float) -> StockMoved:
    return StockMoved(NOON + timedelta(hours=hours), "m", "g", "main", Decimal(quantity), "receipt")


class Till:
    """A till that sends events one by one, or some together, under one run after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.runs = 0

    def sends(self, *events: Event, received_at: datetime = LATER) -> None:
        """Under a run of their own, as a restored till does."""
        self.runs += 1
        run = uuid(1000 + self.runs)
        self.world.append(UploadRecord(SHOP.outlet, SHOP.till, run, 1, "Europe/Moscow", received_at, list(events)))

    def stock(self, cuts: Sequence[int] = range(1, 100)) -> Fraction:
        """What is in stock, the log applied in batches that end at `cuts`; it has to be what the model says."""
        self.world.apply(cuts)
        self.world.agree()
        [shelf] = self.world.tables.read(STOCK, SHOP.outlet).values()
        quantity: Fraction = shelf["quantity"]
        return quantity


@pytest.fixture
def till(world: World) -> Till:
    return Till(world)


# --- as the issue tells them ---


def test_a_restored_till_sends_everything_again(till: Till) -> None:
    """Count 10, sale −2, receipt +5 make 13; the same events under a new run leave 13."""
    events = counted(10, 0), sold(2, 1), received(5, 2)
    till.sends(*events)
    till.sends(*events)
    assert till.stock() == 13


def test_an_older_count_that_comes_later_does_not_win(till: Till) -> None:
    """A count of 1 November that comes after one of 20 November changes nothing."""
    till.sends(counted(7, 0))
    till.sends(counted(30, -19 * 24))
    assert till.stock() == 7


def test_a_refused_count_that_is_mended_later_counts_at_its_own_time(till: Till) -> None:
    """A count of 9 at noon comes after the sale of 2 that followed it: 7, not 9."""
    till.sends(sold(2, 1))
    till.sends(counted(9, 0))
    assert till.stock() == 7


# --- late counts and late movements ---

STORY: list[Event] = [counted(10, 0), sold(2, 1), back(1, 3), received(5, 30), counted(20, -30), sold(4, -1, "t")]
"""After the count of 10 at noon: −2, +1 on its day, +5 on the next; a sale before it, and an older count."""


@pytest.mark.parametrize("order", range(0, 720, 41))
def test_whatever_comes_first(till: Till, order: int) -> None:
    """Each event by itself, in any order, each applied alone: 14."""
    for event in list(permutations(STORY))[order]:
        till.sends(event)
    assert till.stock() == 14


@pytest.mark.parametrize("cuts", [[], [3], [2, 4]])
def test_however_the_log_is_cut(till: Till, cuts: list[int]) -> None:
    """The count comes last, or in the middle, of events that are folded together."""
    for event in (STORY[1], STORY[3], STORY[0], STORY[2], STORY[5], STORY[4]):
        till.sends(event)
    assert till.stock(cuts) == 14


def test_a_late_count_of_many_days_ago(till: Till) -> None:
    """What moved on all the days since is taken from it, what moved before it is not."""
    for day in range(-40, 0):
        till.sends(sold(1, 24 * day, f"s{day}"))
    till.sends(counted(100, -24 * 30 + 1))
    assert till.stock() == 100 - 29


def test_a_replaced_receipt_leaves_the_stock_at_its_own_time(till: Till) -> None:
    """Two sold after the count become five sold before it, and then one sold after it."""
    till.sends(counted(10, 0), sold(2, 1))
    till.sends(sold(5, -1))
    till.world.apply()
    assert till.stock() == 10
    till.sends(sold(1, 2))
    assert till.stock() == 9


def test_equal_times_keep_the_order_of_first_application(till: Till) -> None:
    """Sold and counted in the same second: what was applied first is the earlier one, also when it comes again."""
    till.sends(sold(2, 0))
    till.sends(counted(10, 0))
    till.sends(sold(3, 0, "t"))
    till.sends(sold(2, 0))
    assert till.stock() == 7


def test_of_counts_of_the_same_moment_the_first_stands(till: Till) -> None:
    """A till that sends a count again with another quantity changes nothing; another till's count is another one."""
    till.sends(counted(10, 0))
    till.sends(counted(12, 0))
    assert till.stock() == 10
    other = UploadRecord(SHOP.outlet, uuid(77), uuid(78), 1, "Europe/Moscow", LATER, [counted(15, 0)])
    till.world.append(other)
    assert till.stock() == 15


# --- wrong clocks ---

AHEAD = 24 * 365 * 10
"""Hours: a till that thinks that it is 2036."""


def test_a_count_of_2036_does_not_win_for_ten_years(till: Till) -> None:
    """It counts at the moment when it came in; sent again later, it is the same count."""
    till.sends(counted(50, AHEAD), received_at=NOON)
    till.sends(counted(10, 1), sold(3, 2, "t"))
    till.sends(counted(50, AHEAD), received_at=LATER)
    assert till.stock() == 7


def test_sales_of_wrong_clocks_count_when_they_came_in(till: Till) -> None:
    """Sales of 2036 and 1970 that came in after a late count's moment are taken from it, others are not."""
    till.sends(sold(1, AHEAD, "a"), sold(1, -24 * 365 * 56, "b"), received_at=NOON + timedelta(hours=2))
    till.sends(sold(1, AHEAD, "c"), received_at=NOON - timedelta(hours=2))
    till.sends(counted(10, 0))
    assert till.stock() == 8


# --- drawn ---


@real
@given(st.data())
def test_any_order_in_bulk_gives_the_rows_of_the_model(
    world: World, postgres: str, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """A bulk replay, with much memory or hardly any: late counts read what is stored and what is not written yet."""
    world.begin()
    kept = data.draw(st.sampled_from([1, 150_000]))
    monkeypatch.setattr(bulk, "KEPT_ROWS", kept)
    monkeypatch.setattr(bulk, "SUM_ROWS", data.draw(st.sampled_from([1, 10_000])))
    runs = data.draw(histories(most_events=14, kinds=STOCK_EVENTS))
    for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs]).flatmap(arriving)):
        world.append(upload)
    with world.connection.transaction():
        generation = register.create(world.connection)
    kind = data.draw(st.sampled_from([BulkStore, ColumnStore]))
    engine = Engine(postgres, generation.number, store=kind())
    try:
        for group in batches(world.log.records, data.draw(st.lists(st.integers(1, 30), max_size=2))):
            with engine.in_common():
                for batch in batches(group, data.draw(st.lists(st.integers(1, 30), max_size=4))):
                    engine.apply(batch)
        tables = Tables(world.connection, generation.schema_name)
        for outlet, model in world.models.items():
            for each in PROJECTIONS:
                assert tables.read(each, outlet) == said(recount(each.name)(model)), each.name
    finally:
        engine.close()
        with world.connection.transaction():
            register.drop(world.connection, generation)
        Tables(world.connection)  # the live generation's again


@real
@given(st.data())
def test_any_order_of_counts_and_movements(world: World, data: st.DataObject) -> None:
    """Of two goods, live: counts late and early, receipts again and changed, clocks ahead, in any cut: the model's."""
    world.begin()
    runs = data.draw(histories(most_events=14, kinds=STOCK_EVENTS))
    for upload in data.draw(interleaved([data.draw(delivery(run)) for run in runs]).flatmap(arriving)):
        world.append(upload)
    world.apply(data.draw(st.lists(st.integers(1, 40), max_size=8)))
    world.agree()


# --- what a late count reads ---

HISTORY = """
INSERT INTO sales
SELECT old.*
FROM sales s
CROSS JOIN generate_series(1, 60000) n
CROSS JOIN LATERAL jsonb_populate_record(s, jsonb_build_object(
    'sale_id', 'old' || n, 'at', s.at - n * interval '5 minutes', 'day', (s.at - n * interval '5 minutes')::date
)) old;

INSERT INTO moved
SELECT outlet_id, 'good ' || g, 'main', effective_day - n, 1
FROM moved, generate_series(0, 200) n, generate_series(1, 100) g;

ANALYZE sales;
ANALYZE moved;
"""


@pytest.mark.parametrize("analyzed", [True, False])
def test_a_late_count_reads_what_the_shop_sold_that_day_and_no_more(till: Till, analyzed: bool) -> None:
    """With 60,000 sales behind it, a count of last month reads less than a day of them, and the good's own days."""
    till.sends(sold(1, 24 * 40), received_at=LATER + timedelta(days=40))
    till.world.apply()
    connection = till.world.connection
    connection.execute(HISTORY if analyzed else HISTORY.split("ANALYZE")[0])
    counts = [
        {"n": n, "outlet_id": SHOP.outlet, "good_id": f"good {n}", "warehouse_id": "main", "at": at.isoformat()}
        for n, at in enumerate([NOON + timedelta(days=10), NOON + timedelta(days=10, hours=6)])
    ]
    explain = b"EXPLAIN (ANALYZE, FORMAT JSON) " + STOCK.statements["later"]
    row = connection.execute(explain, {"late": json.dumps(counts)}).fetchone()
    assert row is not None
    read = Counter[str]()
    for node in scans(row[0][0]["Plan"]):
        passed = [node.get(f"Rows Removed by {why}", 0) for why in ("Filter", "Index Recheck")]
        read[node["Relation Name"]] += round((node["Actual Rows"] + sum(passed)) * node["Actual Loops"])
    assert 0 < read["sales"] <= 144
    assert 0 < read["moved"] <= 2 * 200
    assert read["returns"] == read["moves"] == 0


def scans(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The nodes of a plan that read a table."""
    if "Relation Name" in node:
        yield node
    for below in node.get("Plans", []):
        yield from scans(below)
