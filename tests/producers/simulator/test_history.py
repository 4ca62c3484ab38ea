from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import msgspec
import pytest

from producers.simulator.catalogue import ean13
from producers.simulator.history import history
from producers.simulator.kinds import KINDS
from producers.simulator.shop import Event, Shop
from schemas.events import (
    EVENT_TYPES,
    CashMoved,
    ReturnVoided,
    SaleRegistered,
    SaleReturned,
    SaleVoided,
    ShiftClosed,
    ShiftOpened,
    ShiftTotals,
    sale_sums,
)
from schemas.limits import MAX_EVENTS
from schemas.names import shorten
from schemas.private import contact_data
from schemas.records import UploadRecord, decode, encode_upload
from schemas.uploads import parse

ZONE = ZoneInfo("Europe/Moscow")
END = datetime(2026, 3, 15, 15, 30, tzinfo=ZONE)
SHOPS = [Shop(number, ZONE, tills=1 + number % 2) for number in range(len(KINDS))]


@cache
def lived(shop: Shop, days: int = 40, seed: int = 7) -> list[Event]:
    """What happened in a shop. The tests only look at it."""
    return list(history(seed, shop, days, END))


def typed(events: list[Event]) -> list[Any]:
    """The events as the log holds them, by way of the wire."""
    found: list[Any] = []
    for first in range(0, len(events), MAX_EVENTS):
        run, batch = str(uuid4()), events[first : first + MAX_EVENTS]
        upload = parse(msgspec.json.encode({"run": run, "first_seq": first + 1, "events": batch}))
        record = decode(
            encode_upload(
                outlet="o", till="t", run=run, first_seq=1, zone="UTC", received_at=END, wire_events=upload.events
            )
        )
        assert isinstance(record, UploadRecord)
        found += record.events
    return found


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.kind.name)
def test_every_event_is_one_that_the_gateway_takes(shop: Shop) -> None:
    """Whatever the kind of shop, all its events pass the gateway's validation."""
    assert len(typed(lived(shop))) > 1000


def test_the_same_seed_gives_the_same_history() -> None:
    """A history depends on its arguments alone; another seed gives another one."""
    assert list(history(7, SHOPS[0], 40, END)) == lived(SHOPS[0])
    assert lived(SHOPS[0], seed=8) != lived(SHOPS[0])


def test_a_shop_does_what_shops_do() -> None:
    """Over all kinds there are all events that are said to be simulated, all reasons, all methods of payment."""
    events = [event for shop in SHOPS for event in lived(shop, days=40)]
    types = Counter(event["type"] for event in events)
    assert set(types) == {each.name for each in EVENT_TYPES if each.simulated}, "send it, or say simulated=False"
    reasons = {event["reason"] for event in events if event["type"] == "stock.moved"}
    assert reasons == {"receipt", "write_off", "transfer", "production"}
    sales = [event for event in events if event["type"] == "sale.registered"]
    methods = {payment["method"] for sale in sales for payment in sale["payments"]}
    assert methods == {"cash", "card", "sbp", "credit", "points", "other", "gift_card", "prepayment"}
    kinds = {line.get("kind", "good") for sale in sales for line in sale["lines"]}
    assert kinds == {"good", "gift_card", "prepayment", "tip", "debt"}
    assert any(len(sale["payments"]) > 1 for sale in sales)
    assert any(sale["change"] != "0.00" for sale in sales)
    assert any(line["discount"] != "0.00" for sale in sales for line in sale["lines"])
    assert any("." in line["quantity"] for sale in sales for line in sale["lines"])
    goods = [line for sale in sales for line in sale["lines"] if "kind" not in line]
    assert {line["warehouse_id"] for line in goods} > {"main"}
    assert all(sale["cashier_id"] and sale["shift_id"] for sale in sales)
    assert any("rounding" in sale for sale in sales)
    voided = [event["sale_id"] for event in events if event["type"] == "sale.voided"]
    assert {*voided} < {sale["sale_id"] for sale in sales}
    undone = {event["return_id"] for event in events if event["type"] == "return.voided"}
    assert undone < {event["return_id"] for event in events if event["type"] == "sale.returned"}
    assert {line["tax"]["rate"] for line in goods} == {"10", "20"}
    saved = [event for event in events if event["type"] == "contact.saved"]
    assert any(event["debt"] != "0.00" for event in saved)
    assert any(event["points"] != "0.00" for event in saved)


def test_receipts_reconcile_but_for_a_few() -> None:
    """Payments − change is the total of nearly every sale, refunds are the amounts of every return."""
    events = [event for shop in SHOPS for event in typed(lived(shop, days=40))]
    off = 0
    sales = [event for event in events if isinstance(event, SaleRegistered)]
    for sale in sales:
        goods, discounts = sale_sums(sale)
        off += sum(payment.amount for payment in sale.payments) - sale.change != goods - discounts + sale.rounding
    assert 0 < off < len(sales) / 100
    for event in events:
        if isinstance(event, SaleReturned):
            assert sum(line.amount for line in event.lines) == sum(refund.amount for refund in event.refunds)


def test_no_more_comes_back_than_was_sold() -> None:
    """Returns are of sales made before, in part or in full, never of more; some at the other till of the shop, some
    without the receipt."""
    shop = Shop(2, ZONE, tills=2, busy=4)
    bought: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    other, partial, lost = 0, 0, 0
    events = typed(lived(shop))
    undone = {event.return_id for event in events if isinstance(event, ReturnVoided)}
    for event in events:
        if isinstance(event, SaleRegistered):
            for line in event.lines:
                bought[event.sale_id, line.good_id] += line.quantity
        elif isinstance(event, SaleReturned) and event.return_id not in undone:
            if event.sale_id is None:
                lost += 1
                continue
            other += event.return_id[1] != event.sale_id[1]
            for back in event.lines:
                bought[event.sale_id, back.good_id] -= back.quantity
                partial += bought[event.sale_id, back.good_id] > 0
    assert min(bought.values()) >= 0
    assert lost > 5
    assert other > 5
    assert partial > 5


def test_days_and_hours_have_their_rhythm() -> None:
    """A clothes shop sells most on Saturdays, nothing at night, and not after the end of the history."""
    sales = [event for event in lived(Shop(2, ZONE, busy=5), days=70) if event["type"] == "sale.registered"]
    moments = [datetime.fromisoformat(sale["at"]) for sale in sales]
    week = Counter(at.weekday() for at in moments)
    assert week[5] > 1.5 * week[0]
    assert {at.hour for at in moments} <= set(range(9, 23))
    assert END - timedelta(hours=4) < max(moments) < END + timedelta(minutes=8)


def test_each_till_has_its_own_clock_and_reports_its_own_events() -> None:
    """The tills' parts make up the whole; their clocks are off by seconds to minutes."""
    shop = SHOPS[1]
    parts = [list(history(7, shop, 10, END, till)) for till in (1, 2)]
    assert all(parts)
    assert sum(map(len, parts)) == len(lived(shop, 10))
    offs = set()
    for event in parts[1]:
        if event["type"] == "sale.registered":
            shown = datetime.fromisoformat(event["at"])
            real = datetime.strptime(event["sale_id"].split("-")[1], "%y%m%d%H%M%S").replace(tzinfo=ZONE)
            offs.add((shown - real).total_seconds())
    assert offs != {0}
    assert max(map(abs, offs)) < 600


def test_a_later_simulation_repeats_the_ids_of_the_days_it_overlaps() -> None:
    """Simulated again a day later, the days in common have the same sales by id, so they are replaced, not doubled."""

    def ids(end: datetime, days: int) -> set[str]:
        return {event["sale_id"] for event in history(7, SHOPS[0], days, end) if event["type"] == "sale.registered"}

    first, second = ids(END, 10), ids(END + timedelta(days=1), 10)
    for day in range(6, 15):
        assert {name for name in first if f"-2603{day:02d}" in name} == {s for s in second if f"-2603{day:02d}" in s}


def test_nobody_real_is_in_it() -> None:
    """Names are of words for tests, full ones (the till client shortens them), and no text holds contact data."""
    for shop in SHOPS:
        for event in lived(shop, days=5):
            name = event.get("cashier") or (event["name"] if event["type"] == "contact.saved" else None)
            if name:
                assert len(name.split()) == 3
                assert shorten(name) != name
            assert not contact_data(event.get("name", ""))


def test_barcodes_have_a_valid_check_digit() -> None:
    """The check digit is that of EAN-13 (4006381333931 is the standard's usual example), and goods' codes have it."""
    assert ean13("400638133393") == "4006381333931"
    codes = [
        code
        for event in lived(SHOPS[0], days=1)
        if event["type"] == "good.saved"
        for code in (event["barcode"], *event["barcodes"])
    ]
    assert len(codes) > 50
    assert all(ean13(code[:12]) == code for code in codes)


@pytest.mark.parametrize("shop", SHOPS, ids=lambda shop: shop.kind.name)
def test_a_shift_is_opened_counted_and_closed(shop: Shop) -> None:
    """Each receipt is of a shift that is open; the Z-report names its sums, and few drawers differ from them."""
    drawers: dict[str, Decimal] = {}
    sums: dict[str, list[Decimal]] = {}
    off = closed = 0
    events = typed(lived(shop))
    voided = {event.sale_id for event in events if isinstance(event, SaleVoided)}
    undone = {event.return_id for event in events if isinstance(event, ReturnVoided)}
    for event in events:
        match event:
            case SaleRegistered() if event.sale_id in voided:
                pass  # in no figure
            case SaleReturned() if event.return_id in undone:
                pass
            case ShiftOpened():
                assert event.shift_id not in sums
                drawers[event.shift_id], sums[event.shift_id] = event.cash, [Decimal(0), Decimal(0), Decimal(0)]
            case SaleRegistered(shift_id=str(shift)):
                goods, discounts = sale_sums(event)
                sums[shift][0] += goods - discounts + event.rounding
                sums[shift][2] += 1
                cash = sum((paid.amount for paid in event.payments if paid.method == "cash"), Decimal(0))
                drawers[shift] += cash - event.change
            case SaleReturned(shift_id=str(shift)):
                sums[shift][1] += sum((line.amount for line in event.lines), Decimal(0))
                drawers[shift] -= sum((back.amount for back in event.refunds if back.method == "cash"), Decimal(0))
            case CashMoved(shift_id=str(shift)):
                drawers[shift] += event.amount
            case ShiftClosed(totals=ShiftTotals() as totals):
                assert [totals.sales, totals.returns, totals.receipts] == sums[event.shift_id]
                off += event.cash != drawers.pop(event.shift_id)
                closed += 1
    assert closed > 30
    assert 0 < off < closed / 5
    assert len(drawers) <= shop.tills  # those of the day that is not over
