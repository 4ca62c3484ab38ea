"""The greatest that an upload may hold comes back whole."""

from __future__ import annotations

import random
import uuid
from typing import Any

import msgspec
import pytest

from schemas.limits import MAX_BYTES, MAX_EVENTS
from tests.roundtrip.shop import open_shop
from tests.roundtrip.test_round_trip import compare, recount
from tests.service import Service

AT = "2026-11-24T10:00:00+03:00"
MOST_MONEY, MOST_PRICE, MOST_QUANTITY = "9999999999999.99", "9999999999999.9999", "999999999999.999999"


def test_the_longest_texts_and_the_greatest_sums(service: Service) -> None:
    """Names, ids and texts at their length, of characters that take four bytes and don't pack; every number at its
    greatest, in lines and days enough that the sums have more digits than Python keeps by itself."""
    chance = random.Random(14)

    def letters(count: int) -> str:
        return "".join(chr(chance.randrange(0x20000, 0x2A6DF)) for _ in range(count))

    good_id, sale_id, contact_id, shelf = (letters(128) for _ in range(4))
    shelved = {"good_id": good_id, "warehouse_id": shelf}
    line = {**shelved, "name": letters(2000), "quantity": MOST_QUANTITY, "price": MOST_PRICE}
    tax = {"rate": "999999.999999/999999.999999", "amount": MOST_MONEY, "on_top": True}
    more = {"sum": MOST_MONEY, "discount": MOST_MONEY, "cost": MOST_PRICE, "unit": letters(100), "tax": tax}
    tips = {**line, **more, "kind": "tip"}
    fiscal = {name: letters(128) for name in ("fn", "fd", "fp", "tax_system")}
    whose = {"cashier_id": letters(128), "shift_id": letters(128), "fiscal": fiscal, "correction": True}
    paid = [{"method": method, "amount": MOST_MONEY} for method in ("cash", "points") for _ in range(30)]
    lines = [line, {**line, **more}, tips] * 10
    sold = {"number": letters(2000), "lines": lines, "payments": paid, "contact_id": contact_id, **whose}
    sold["rounding"] = f"-{MOST_MONEY}"
    back = {**shelved, "quantity": MOST_QUANTITY, "amount": MOST_MONEY, "name": letters(2000), "tax": tax}
    names = {"name": letters(500), "category": letters(500)}
    extra = [{"name": letters(2000), "value": letters(2000)} for _ in range(3)]
    codes = {"barcode": letters(2000), "barcodes": [letters(2000) for _ in range(3)], "extra": extra}
    kept = {"article": letters(128), "unit": letters(100), "cost": MOST_PRICE, "min_stock": MOST_QUANTITY}
    owing = {"purchases_total": MOST_MONEY, "debt": f"-{MOST_MONEY}", "points": "-0.00"}
    moved = {"move_id": letters(128), "quantity": f"-{MOST_QUANTITY}", "reason": "other"}
    events: list[dict[str, Any]] = [
        {"type": "good.saved", "good_id": good_id, **names, "max_price": MOST_PRICE, **codes, **kept},
        {"type": "warehouse.saved", "warehouse_id": shelf, "name": letters(500)},
        {"type": "contact.saved", "contact_id": contact_id, "name": letters(500), **owing},
        {"type": "stock.counted", **shelved, "quantity": f"-{MOST_QUANTITY}"},
        {"type": "stock.moved", **shelved, **moved},
        *(
            {"type": "sale.registered", "sale_id": each, **sold, "fiscal": {**fiscal, "fd": letters(128)}}
            for each in (sale_id, letters(128), letters(128))
        ),
        {"type": "sale.returned", "return_id": letters(128), "sale_id": sale_id, "lines": [back] * 30, "refunds": paid},
    ]
    check(service, [{**event, "at": AT} for event in events])


@pytest.mark.nightly
def test_the_largest_sale(service: Service) -> None:
    """One sale that fills an upload, of lines as short as they can be: eighty thousand of them."""
    line = {"good_id": "g", "name": "", "quantity": "1", "price": "1"}
    sale: dict[str, Any] = {"type": "sale.registered", "at": AT, "sale_id": "s", "number": "1", "payments": []}
    size = len(msgspec.json.encode(line)) + 1
    check(service, [{**sale, "lines": [line] * ((MAX_BYTES - 1000) // size)}])


@pytest.mark.nightly
def test_the_most_events(service: Service) -> None:
    """As many events as an upload may hold, of sixteen kilobytes each."""
    line = {"good_id": "g", "name": "x" * 150, "quantity": "1", "price": "1"}
    sale: dict[str, Any] = {"type": "sale.registered", "at": AT, "number": "1", "lines": [line] * 70, "payments": []}
    check(service, [{**sale, "sale_id": str(number)} for number in range(MAX_EVENTS)])


def check(service: Service, events: list[dict[str, Any]]) -> None:
    """Sends one upload and compares every figure with a recount of it."""
    run = str(uuid.uuid4())
    body = msgspec.json.encode({"run": run, "first_seq": 1, "events": events})
    assert len(body) <= MAX_BYTES
    with open_shop(service) as shop:
        answer = shop.send(body)
        assert answer.status_code == 202, answer.text
        shop.wait_until_applied(run, len(events))
        compare(shop, recount(shop.zone, events))
