"""What is answered 202 can be folded, and comes back as it was sent."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events import Event, GoodSaved, SaleRegistered, SaleReturned
from schemas.events.minimising import minimised
from tests.projections import receipts
from tests.projections.model import OutletModel
from tests.roundtrip import sent
from tests.roundtrip.shop import Shop, open_shop
from tests.service import Service

CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
# Shrinking sends a hundred more uploads: without it the failure tells what was drawn.
WHAT_IS_DRAWN = settings(deadline=None, database=None, suppress_health_check=CHECKS, phases=[Phase.generate])


@settings(WHAT_IS_DRAWN, max_examples=8)
@given(st.data())
def test_a_few(service: Service, data: st.DataObject) -> None:
    """Some uploads at the edges of the schema, every figure of each compared with a recount of what was sent."""
    check(service, data)


@pytest.mark.nightly
@settings(WHAT_IS_DRAWN, max_examples=500)
@given(st.data())
def test_many(service: Service, data: st.DataObject) -> None:
    """Hundreds of them."""
    check(service, data)


def check(service: Service, data: st.DataObject) -> None:
    """Sends what was drawn through the gateway and the workers, and reads all of it back."""
    zone, events, run = data.draw(st.sampled_from(sent.ZONES)), data.draw(sent.events()), str(uuid.uuid4())
    body = data.draw(sent.bodies(run, events))
    with open_shop(service, zone) as shop:
        answer = shop.send(body)
        assert answer.status_code == 202, answer.text
        shop.wait_until_applied(run, len(events))
        compare(shop, recount(zone, events))


def recount(zone: str, events: list[dict[str, Any]]) -> OutletModel:
    """What an outlet's figures are by the contract, from events as they were sent in one upload a moment ago."""
    received_at = datetime.now(UTC)
    model = OutletModel(zone)
    for event in events:
        [kept] = minimised([msgspec.convert({**event, "at": sent.moment(event["at"]).isoformat()}, Event)])
        if event["type"] != "event.withdrawn":
            model.apply("till", kept, received_at)
    return model


def compare(shop: Shop, model: OutletModel) -> None:
    """Each list and each card of the read API against the recount."""
    compare_days(shop, model)
    listed, copies = model.all_sales, model.copies(model.all_sales)
    assert {row["sale_id"]: row["fiscal_copy"] for row in shop.all("/sales")} == {
        sale_id: (till, sale_id) in copies for till, sale_id in listed
    }
    returns = [back.event for back in model.all_returns.values()]
    for sale in model.sold():
        compare_sale(shop, sale, [back for back in returns if back.sale_id == sale.sale_id])
    shelves = model.stock()
    kept = [good for good, removed in model.goods().values() if not removed]
    assert [row["good_id"] for row in shop.all("/stock")] == [
        good.good_id for good in sorted(kept, key=lambda good: (good.name.encode(), good.good_id.encode()))
    ]
    for good, removed in model.goods().values():
        compare_good(shop, good, removed, {place: n for (of, place), n in shelves.items() if of == good.good_id})
    contacts = {row["contact_id"]: row for row in shop.all("/contacts")}
    expected = {contact_id: found[:4] for contact_id, found in model.contacts().items() if not found[4]}
    assert contacts.keys() == expected.keys()
    for contact_id, (name, *figures) in expected.items():
        row = contacts[contact_id]
        assert row["name"] == name
        assert [row["purchases_total"], row["debt"], row["points"]] == [money(figure) for figure in figures]


def compare_days(shop: Shop, model: OutletModel) -> None:
    days = {row["day"]: row for row in shop.get("/daily")}
    expected = model.daily()
    assert days.keys() == {str(day) for day in expected}
    for day, figures in expected.items():
        row = days[str(day)]
        assert (row["sales"], row["reconciles"]) == (figures["sales"], figures["unreconciled"] == 0)
        for name in ("goods_sum", "discount_sum", "returns_sum", "revenue"):
            assert row[name] == money(figures[name]), (day, name)
    payments = {(row["day"], row["method"]): (row["amount"], row["count"]) for row in shop.get("/payments")}
    assert payments == {
        (str(day), method): (money(amount), count) for (day, method), (amount, count, _) in model.payments().items()
    }
    [totals] = shop.service.get("/api/v1/outlets", shop.owner_token)
    counted = model.totals()
    goods, sales, through = counted or (0, 0, None)
    assert (totals["goods"], totals["sales"]) == (goods, sales)
    shown = totals["data_through"] and datetime.fromisoformat(totals["data_through"])
    if model.applied and through == model.applied[0].received_at:  # a clock that is wrong: when the upload came in
        assert through - timedelta(minutes=2) < shown <= through
    else:
        assert shown == through


def compare_sale(shop: Shop, sale: SaleRegistered, returns: Iterable[SaleReturned]) -> None:
    card = shop.card("sales", sale.sale_id)
    goods, discount = receipts.goods_and_discount(sale)
    assert (card["sale_id"], card["number"]) == (sale.sale_id, sale.number)
    assert (card["contact_id"], card["cashier"]) == (sale.contact_id, sale.cashier)
    assert datetime.fromisoformat(card["at"]) == sale.at
    assert datetime.fromisoformat(card["at"]).utcoffset() == sale.at.astimezone(OutletModel(shop.zone).zone).utcoffset()
    figures = [card[name] for name in ("goods_sum", "discount_sum", "total", "change", "difference")]
    total = receipts.total(sale)
    sums = (goods, discount, total, Fraction(sale.change), receipts.paid(sale) - total)
    assert figures == [money(figure) for figure in sums]
    assert card["payments"] == [{"method": one.method, "amount": money(one.amount)} for one in sale.payments]
    assert card["lines"] == [
        {
            "good_id": line.good_id,
            "name": line.name,
            "quantity": plain(line.quantity),
            "price": price(line.price),
            "discount": money(line.discount),
            "sum": money(receipts.taken(replace(line, tax=None))),
            "warehouse_id": line.warehouse_id or "main",
            "kind": line.kind,
            "unit": line.unit,
            "cost": None if line.cost is None else price(line.cost),
            "tax": line.tax and {"rate": line.tax.rate, "amount": money(line.tax.amount), "on_top": line.tax.on_top},
        }
        for line in sale.lines
    ]
    assert sorted(back["return_id"] for back in card["returns"]) == sorted(back.return_id for back in returns)
    shown = {back["return_id"]: back for back in card["returns"]}
    for back in returns:
        row = shown[back.return_id]
        assert datetime.fromisoformat(row["at"]) == back.at
        assert row["amount"] == money(sum((Fraction(line.amount) for line in back.lines), Fraction(0)))
        assert [(line["good_id"], line["quantity"], line["amount"]) for line in row["lines"]] == [
            (line.good_id, plain(line.quantity), money(line.amount)) for line in back.lines
        ]
        assert row["refunds"] == [{"method": one.method, "amount": money(one.amount)} for one in back.refunds]


def compare_good(shop: Shop, good: GoodSaved, removed: bool, shelves: dict[str, Fraction]) -> None:
    card = shop.card("goods", good.good_id)
    assert (card["name"], card["category"], card["max_price"]) == (good.name, good.category, price(good.max_price))
    assert (card["barcode"], card["barcodes"], card["removed"]) == (good.barcode, good.barcodes, removed)
    assert card["extra"] == msgspec.to_builtins(good.extra)
    assert card["quantity"] == plain(sum(shelves.values(), Fraction(0)))
    shown = {shelf["warehouse_id"]: shelf["quantity"] for shelf in card["warehouses"]}
    assert {place: n for place, n in shown.items() if n != "0"} == {place: plain(n) for place, n in shelves.items()}


def money(amount: Any) -> str:
    """Two places, by whole kopecks."""
    kopecks = Fraction(amount) * 100
    assert kopecks.denominator == 1
    sign, (roubles, rest) = "-" if kopecks < 0 else "", divmod(abs(kopecks.numerator), 100)
    return f"{sign}{roubles}.{rest:02}"


def plain(amount: Any) -> str:
    """Without needless zeros, by whole millionths."""
    millionths = Fraction(amount) * 1_000_000
    assert millionths.denominator == 1
    sign, (whole, rest) = "-" if millionths < 0 else "", divmod(abs(millionths.numerator), 1_000_000)
    return f"{sign}{whole}.{rest:06}".rstrip("0").rstrip(".")


def price(amount: Any) -> str | None:
    """Two to four places; None for a price that was never named."""
    if amount is None:
        return None
    whole, _, places = plain(amount).partition(".")
    return f"{whole}.{places:0<2}"
