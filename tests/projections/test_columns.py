"""What is folded in columns is what is folded row by row: of each plain sale, and in whole histories."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import localcontext
from typing import Any

import msgspec
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projections.columns import derived, folding, sources
from projections.columns.frames import Frames
from projections.columns.plain import Chunk
from projections.columns.raws import RawUpload
from projections.kinds.pieces import Piece
from projections.kinds.provenance import FIRST_SOUND, Provenance
from projections.kinds.states import Counter as Totals
from projections.kinds.states import States
from projections.kinds.sums import Source, Sums
from projections.models import PROJECTIONS
from projections.models.positions import SoldPosition
from projections.models.sales import SALES, SaleRow, sale_row
from projections.store.bloom import Bloom
from schemas.events import Event, Payment, SaleRegistered
from schemas.records import UploadRecord, encode
from tests.projections.world import uuid
from tests.schemas.strategies import event_of, wire_events
from tests.schemas.values import few_ids

RECEIVED = datetime(2026, 11, 3, 7, tzinfo=UTC)
LOGGED = RECEIVED + timedelta(seconds=1)
OUTLET, TILL, RUN = uuid(1), uuid(2), uuid(3)
OPENING = SaleRegistered(datetime(2026, 1, 1, tzinfo=UTC), "the first of all", "0", [], [])
_raw = msgspec.json.Decoder(RawUpload)

plain_ids = few_ids.map(lambda id: id[:40])
at = st.integers(0, int((RECEIVED - FIRST_SOUND).total_seconds() * 10**6)).map(
    lambda microseconds: FIRST_SOUND + timedelta(microseconds=microseconds)
)


def _sale(wire: dict[str, Any], moment: datetime, number: int) -> SaleRegistered:
    sale = event_of(wire)
    assert isinstance(sale, SaleRegistered)
    return msgspec.structs.replace(sale, at=moment, sale_id=f"s{number}")


sales = st.builds(
    _sale,
    wire_events(plain_ids, "sale.registered"),
    at,
    st.integers(0, 10**6),
)
"""Any sale that the contract allows, dated so that its clock is right."""
zones = st.sampled_from(["UTC", "Europe/Moscow", "Asia/Kathmandu", "America/Sao_Paulo", "Australia/Lord_Howe"])


def piece_of(events: list[Any], zone: str = "Europe/Moscow", day_begins: int = 0) -> Piece:
    """An upload that begins with an outlet's first event, as a chunk gets it."""
    upload = UploadRecord(OUTLET, TILL, RUN, 1, zone, RECEIVED, [OPENING, *events], day_begins)
    return Piece(_raw.decode(encode(upload)), 0, 7, LOGGED)


def folded(chunk: Chunk) -> Frames:
    """Its plain sales with all that is derived of them."""
    assert chunk.plain is not None
    turns = pl.Series("applied_no", chunk.plain.sales["seq"], dtype=pl.Int64)
    return derived.with_all(chunk.plain, turns, None)


def by_rows(sale: SaleRegistered, seq: int, zone: str, day_begins: int) -> SaleRow:
    provenance = Provenance(OUTLET, TILL, RUN, zone, seq, 7, LOGGED, seq, RECEIVED, day_begins)
    with localcontext(prec=60):
        return sale_row(sale, provenance, seq, RECEIVED)


def said(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a frame as a receipt's row has it."""
    return {
        **row,
        "at": datetime.fromisoformat(row["at"]),
        "received_at": datetime.fromisoformat(row["received_at"]),
        "log_time": datetime.fromisoformat(row["log_time"]),
        "lines": msgspec.json.decode(row["lines"], type=list[SoldPosition]),
        "payments": msgspec.json.decode(row["payments"], type=list[Payment]),
    }


def rows_of(source: Source[Any, Any], frames: Frames) -> Counter[tuple[Any, ...]]:
    """A source's rows in columns."""
    return Counter(sources.FRAMES[source.flatten](frames).select(list(source.columns)).iter_rows())


SOURCES = {
    feed.source.row.__name__: feed.source
    for each in PROJECTIONS
    if isinstance(each, Sums)
    for feed in each.feeds
    if feed.source.documents is SALES and not feed.source.voided
}


@given(st.lists(sales, min_size=1, max_size=6, unique_by=lambda sale: sale.sale_id), zones, st.integers(0, 6))
def test_a_plain_sale_has_the_row_and_the_figures_of_any(
    events: list[SaleRegistered], zone: str, day_begins: int
) -> None:
    """Whatever a till may send; what is not plain is left."""
    chunk = Chunk([piece_of(events, zone, day_begins)], Bloom())
    left = chunk.left[0]
    rows = [
        by_rows(event, position + 2, zone, day_begins)
        for position, event in enumerate(events)
        if position + 1 not in left
    ]
    if chunk.plain is None:
        assert not rows
        return
    frames = folded(chunk)
    found = {row["sale_id"]: said(row) for row in folding.kept_rows(frames).iter_rows(named=True)}
    assert found == {row.sale_id: msgspec.structs.asdict(row) for row in rows}
    for source in SOURCES.values():
        flat = [each for row in rows for each in source.flatten(row)]
        assert rows_of(source, frames) == Counter(map(msgspec.structs.astuple, flat)), source.row


def test_every_source_of_sales_is_there_in_columns() -> None:
    """A sum of sales that is declared later on has to be told what its rows are in columns."""
    assert {source.flatten for source in SOURCES.values()} == sources.FRAMES.keys()


def test_all_that_follows_sales_is_known() -> None:
    """So has a state that follows them: totals and names are there, and what was replaced is never plain."""
    following = {
        each.name
        for each in PROJECTIONS
        if isinstance(each, States | Totals)
        for of in each.of
        if of.projection is SALES
    }
    assert following == {"outlet_totals", "good_names", "replaced"}


def line(good: str, **more: object) -> dict[str, object]:
    return {"good_id": good, "name": "Чай", "quantity": "1.250", "price": "99.90", **more}


def wire(number: int, **more: object) -> dict[str, object]:
    sale = {
        "type": "sale.registered",
        "at": "2026-03-09T10:00:00+03:00",
        "sale_id": f"s{number}",
        "number": str(number),
        "lines": [line("g1"), line("g2", discount="0.50")],
        "payments": [{"method": "cash", "amount": "250.00"}],
        "change": "0.75",
    }
    return {**sale, **more}


PLAIN: dict[str, dict[str, object]] = {
    "as most are": wire(1),
    "with all that a till may say": wire(
        1,
        contact_id="c1",
        cashier="Кузнецова А.",
        cashier_id="k1",
        shift_id="z1",
        rounding="-0.37",
        fiscal={"fn": "9289", "fd": "17", "fp": "42", "tax_system": "usn"},
        correction=True,
        lines=[
            line(
                "g1", warehouse_id="w1", sum="120.00", cost="80.1234", unit="кг", tax={"rate": "20", "amount": "20.00"}
            ),
            line("g2", kind="gift_card", tax={"rate": "none", "amount": "0", "on_top": True}),
        ],
    ),
    "of a name with quotes and a backslash": wire(1, lines=[line("g1", name='Чай "Утро" \\ чёрный')]),
    "without payments": wire(1, payments=[]),
    "with a fraction of a second, in UTC": wire(1, at="2026-03-09T10:00:00.125Z"),
}
LEFT: dict[str, dict[str, object]] = {
    "a clock that is ahead": wire(1, at="2026-11-03T10:00:01+03:00"),
    "a clock before 2000": wire(1, at="1999-12-31T23:59:59+00:00"),
    "no lines": wire(1, lines=[]),
    "a long text": wire(1, lines=[line("g1", name="Ч" * 60)]),
    "a name of control characters": wire(1, lines=[line("g1", name="Чай\tчёрный")]),
    "a quantity of seven places": wire(1, lines=[line("g1", quantity="0.1234567")]),
    "an amount with an exponent": wire(1, change="1E+1"),
    "an amount that is a number": wire(1, change=1),
    "a default written out": wire(1, correction=False),
    "a kind written out though it is the usual one": wire(1, lines=[line("g1", kind="good")]),
    "the day on which clocks are changed": wire(1, at="2014-10-25T22:30:00Z"),
}


@pytest.mark.parametrize("sale", PLAIN.values(), ids=PLAIN)
def test_what_is_plain(sale: dict[str, object]) -> None:
    chunk = Chunk([piece_of([sale])], Bloom())
    assert chunk.plain is not None
    assert chunk.plain.sales.height == 1
    [row] = folding.kept_rows(folded(chunk)).iter_rows(named=True)
    event = msgspec.convert(sale, Event, strict=False)
    assert isinstance(event, SaleRegistered)
    assert said(row) == msgspec.structs.asdict(by_rows(event, 2, "Europe/Moscow", 0))


@pytest.mark.parametrize("sale", LEFT.values(), ids=LEFT)
def test_what_is_left_to_be_folded_row_by_row(sale: dict[str, object]) -> None:
    chunk = Chunk([piece_of([sale])], Bloom())
    assert chunk.plain is None or not chunk.plain.sales.height
    assert chunk.left[0][1] == msgspec.convert(sale, Event, strict=False)
