"""A day in which everything happens, folded in columns in any cut, against the independent model."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projections.apply.engine import Engine
from projections.columns.plain import Chunk
from projections.columns.store import ColumnStore
from projections.generations import register
from projections.generations.register import Generation
from projections.models import PROJECTIONS
from projections.models.outlet_totals import OUTLET_TOTALS
from projections.replay import batches as replay_batches
from projections.replay.rebuild import Wish, rebuild
from projections.store import bulk
from schemas.events import (
    Event,
    EventWithdrawn,
    Fiscal,
    GoodSaved,
    Line,
    Payment,
    ReturnLine,
    SaleRegistered,
    SaleReturned,
    SaleVoided,
    StockCounted,
    StockMoved,
    Tax,
)
from schemas.records import UploadRecord, encode
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.quiet import Quiet
from tests.projections.recounts import recount
from tests.projections.shops import Shop
from tests.projections.tables import Tables, said
from tests.projections.world import World, batches, uuid

real = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
RECEIVED = datetime(2026, 11, 20, 12, tzinfo=UTC)
GOODS, NAMES = ["g1", "g2", "g3"], ["Чай", "Кофе"]

sale_ids = st.integers(1, 60).map("s{}".format)
moments = st.integers(-600, 70).map(lambda minutes: RECEIVED + timedelta(minutes=minutes))
quantities = st.sampled_from([Decimal("1"), Decimal("2"), Decimal("0.125")])
costs = st.sampled_from([None, None, Decimal("0.5"), Decimal("1.2345")])
lines = st.builds(
    Line,
    good_id=st.sampled_from(GOODS),
    name=st.sampled_from(NAMES),
    quantity=quantities,
    price=st.sampled_from([Decimal("10"), Decimal("3.33")]),
    discount=st.sampled_from([Decimal(0), Decimal("0.10")]),
    warehouse_id=st.sampled_from([None, "w"]),
    cost=costs,
    kind=st.sampled_from(["good", "good", "service", "tip"]),
    tax=st.sampled_from([None, Tax("20", Decimal("1.00")), Tax("10.0", Decimal("0.50"), on_top=True)]),
)
fiscal = st.sampled_from([None, None, *(Fiscal("9289", str(number), "1") for number in range(4))])
payments = st.lists(st.builds(Payment, st.sampled_from(["cash", "card"]), st.just(Decimal("12.00"))), max_size=2)
sales = st.builds(
    SaleRegistered,
    at=moments,
    sale_id=sale_ids,
    number=st.just("1"),
    lines=st.lists(lines, min_size=1, max_size=3),
    payments=payments,
    change=st.sampled_from([Decimal(0), Decimal("0.50")]),
    cashier_id=st.sampled_from([None, "k1"]),
    shift_id=st.sampled_from([None, "z1"]),
    fiscal=fiscal,
)
others: st.SearchStrategy[Event] = st.one_of(
    st.builds(SaleVoided, at=moments, sale_id=sale_ids),
    st.builds(EventWithdrawn, at=moments, reason=st.just("x")),
    st.builds(
        SaleReturned,
        at=moments,
        return_id=st.integers(1, 9).map("r{}".format),
        lines=st.lists(
            st.builds(ReturnLine, st.sampled_from(GOODS), quantities, st.just(Decimal("3.00"))), min_size=1, max_size=2
        ),
        refunds=st.just([]),
        sale_id=sale_ids,
    ),
    st.builds(
        StockCounted,
        at=moments,
        good_id=st.sampled_from(GOODS),
        warehouse_id=st.sampled_from(["main", "w"]),
        quantity=st.integers(0, 9).map(Decimal),
    ),
    st.builds(
        StockMoved,
        at=moments,
        move_id=st.integers(1, 9).map("m{}".format),
        good_id=st.sampled_from(GOODS),
        warehouse_id=st.just("main"),
        quantity=quantities,
        reason=st.just("receipt"),
    ),
    st.builds(
        GoodSaved, at=moments, good_id=st.sampled_from(GOODS), name=st.just("Чай"), category=st.just(""), cost=costs
    ),
)
events = st.one_of(sales, sales, sales, sales, sales, sales, others)
"""Six of seven are sales, mostly under an id of their own."""


def uploads(drawn: list[list[Event]], outlet: str, till: str) -> Iterator[UploadRecord]:
    first = 1
    for number, each in enumerate(drawn):
        received = RECEIVED + timedelta(seconds=number)
        yield UploadRecord(outlet, till, uuid(77), first, "Europe/Moscow", received, each)
        first += len(each)


@contextmanager
def generation(world: World) -> Iterator[Generation]:
    with world.connection.transaction():
        made = register.create(world.connection)
    try:
        yield made
    finally:
        with world.connection.transaction():
            register.drop(world.connection, made)
        Tables(world.connection)  # the live generation's again


def fold(world: World, postgres: str, number: int, groups: list[int], cuts: list[int]) -> None:
    engine = Engine(postgres, number, store=ColumnStore())
    try:
        for group in batches(world.log.records, groups):
            with engine.in_common():
                for batch in batches(group, cuts):
                    engine.apply(batch)
    finally:
        engine.close()


@real
@given(st.data())
def test_a_day_in_which_everything_happens(
    world: World, postgres: str, monkeypatch: pytest.MonkeyPatch, data: st.DataObject
) -> None:
    """Sales beside voids, returns, counts, costs and fiscal copies of the same chunk or of an earlier one."""
    world.begin()
    kept = data.draw(st.sampled_from([1, 150_000]))
    monkeypatch.setattr(bulk, "KEPT_ROWS", kept)
    monkeypatch.setattr(bulk, "SUM_ROWS", kept)
    for seed in (1, 2):
        drawn = data.draw(st.lists(st.lists(events, min_size=1, max_size=9), min_size=1, max_size=6))
        for upload in uploads(drawn, uuid(seed), uuid(seed + 10)):
            world.append(upload)
    cuts = st.lists(st.integers(1, 12), max_size=3)
    with generation(world) as made:
        fold(world, postgres, made.number, data.draw(cuts), data.draw(cuts))
        tables = Tables(world.connection, made.schema_name)
        for outlet, model in world.models.items():
            for each in PROJECTIONS:
                assert tables.read(each, outlet) == said(recount(each.name)(model)), each.name


def test_an_outlet_begins_with_an_event_that_was_withdrawn(world: World, postgres: str) -> None:
    """Its totals begin with the first event that counts, a plain sale among them or not."""
    withdrawn = EventWithdrawn(RECEIVED - timedelta(hours=2), "x")
    sale = SaleRegistered(RECEIVED - timedelta(hours=1), "s1", "1", [Line("g1", "Чай", Decimal(1), Decimal(1))], [])
    world.begin()
    for upload in uploads([[withdrawn, sale]], uuid(1), uuid(11)):
        world.append(upload)
    with generation(world) as made:
        fold(world, postgres, made.number, [], [])
        [model] = world.models.values()
        [totals] = Tables(world.connection, made.schema_name).read(OUTLET_TOTALS, uuid(1)).values()
        assert {(): totals} == said(recount("outlet_totals")(model))


def test_what_cannot_be_read_is_set_aside_as_ever(
    log: KafkaLog, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field of a newer release, an amount that is no number, a text without end: found when columns are made, the
    records go into quarantine with all that waits behind them, as they do live."""
    shop, plain = Shop(1), _noted(monkeypatch)
    monkeypatch.setattr(replay_batches, "BATCH_EVENTS", 100)
    records = list(shop.uploads(400, batch=2))
    values = [encode(record) for record in records]
    broken: list[tuple[int, Callable[[bytes], bytes]]] = [
        (150, lambda value: value.replace(b'"sale_id":', b'"colour":"red","sale_id":', 1)),
        (170, lambda value: re.sub(rb'"quantity":"[^"]*"', b'"quantity":"NaN"', value, count=1)),
        (190, lambda value: value[:-9]),
    ]
    for place, breaks in broken:
        at = next(n for n in range(place, len(values)) if b"sale.registered" in values[n])
        values[at] = breaks(values[at])
    log.append_raw(
        (
            record.outlet,
            value,
            headers_of(record),
        )
        for record, value in zip(records, values, strict=True)
    )
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    assert database.execute("SELECT count(*) FROM gen_2.quarantine").fetchone() == (3,)
    assert sum(plain) > 0


def test_a_shop_is_folded_in_columns(log: KafkaLog, database: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a shop with goods, costs, counts, returns and voids most sales are plain, and the rebuild is equal."""
    plain = _noted(monkeypatch)
    monkeypatch.setattr(replay_batches, "BATCH_EVENTS", 100)
    log.append(Shop(1).uploads(600, batch=2))
    log.apply()
    assert rebuild(log.source, Wish(switch=False), Quiet()).comparison.same
    assert database.execute("SELECT count(*) FROM gen_2.sales").fetchone() == (600,)
    assert sum(plain) > 40  # of few goods, in chunks of a hundred events, most of which are about them


def _noted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many plain sales each chunk of this process has had."""
    plain: list[int] = []
    begin = Chunk.__init__

    def noted(chunk: Chunk, *arguments: Any) -> None:
        begin(chunk, *arguments)
        plain.append(0 if chunk.plain is None else chunk.plain.sales.height)

    monkeypatch.setattr(Chunk, "__init__", noted)
    return plain
