"""Uploads that somebody hostile would try: each is refused, or it is taken and then applied like any other."""

from __future__ import annotations

import json
from typing import Any

_SALE: dict[str, Any] = {
    "type": "sale.registered",
    "at": "2026-03-02T12:00:00+03:00",
    "sale_id": "s",
    "number": "1",
    "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "10.00"}],
    "payments": [{"method": "cash", "amount": "10.00"}],
}
_NINES = "9999999999999.99"


def _sale(**changes: Any) -> dict[str, Any]:
    return {**_SALE, **changes}


def _line(**changes: Any) -> dict[str, Any]:
    return _sale(lines=[{**_SALE["lines"][0], **changes}])


def _good(**changes: Any) -> dict[str, Any]:
    return {
        "type": "good.saved",
        "at": _SALE["at"],
        "good_id": "g",
        "name": "Чай",
        "category": "Чай",
        "max_price": "1.00",
        **changes,
    }


EVENTS: dict[str, dict[str, Any]] = {
    "an id with U+0000": _sale(sale_id="a\0b"),
    "a text with U+0000": _line(name="a\0b"),
    "an id of half a surrogate pair": _sale(sale_id="\ud800"),
    "a text of half a surrogate pair": _line(name="x\udfff"),
    "an id that is no character": _sale(sale_id="\uffff\ufdd0"),
    "an id of line breaks": _sale(sale_id="\n\r\u2028\t "),
    "an id that COPY would end at": _sale(sale_id="\\."),
    "an id that COPY would take for nothing": _sale(sale_id="\\N"),
    "ids that open comments": _sale(sale_id="'; --", number="$$/*"),
    "an empty id": _sale(sale_id=""),
    "a long id": _sale(sale_id="\U0002a6df" * 64),
    "a longer id": _sale(sale_id="\U0002a6df" * 4000),
    "a name longer than an index takes": _good(name="\U0002a6df" * 3000),
    "a category longer than an index takes": _good(category="\U0002a6df" * 3000),
    "a thousand additional fields": _good(extra=[{"name": f"x{n}", "value": "y" * 2000} for n in range(1000)]),
    "ten thousand barcodes": _good(barcodes=["\U0002a6df" * 60] * 10_000),
    "an offset of sixteen hours": _sale(at="2026-03-02T12:00:00+16:00"),
    "an offset of a day": _sale(at="2026-03-02T12:00:00+23:59"),
    "an offset of fifteen hours": _sale(at="2026-03-02T12:00:00+15:59"),
    "the year 0": _sale(at="0000-01-01T00:00:00Z"),
    "the year 1": _sale(at="0001-01-01T00:00:00+15:59"),
    "the year 9999": _sale(at="9999-12-31T23:59:59.999999-15:59"),
    "a leap second": _sale(at="2016-12-31T23:59:60Z"),
    "the hour 24": _sale(at="2026-03-02T24:00:00Z"),
    "digits without end": _sale(at=f"2026-03-02T12:00:00.{'9' * 500}Z"),
    "the last moment of a day": _sale(at="2026-03-02T23:59:59.9999999+03:00"),
    "an hour that is not": _sale(at="2010-03-28T02:30:00+03:00"),
    "an hour that comes twice": _sale(at="2010-10-31T02:30:00+03:00"),
    "money without end": _line(price="9" * 400),
    "places without end": _line(price="0." + "1" * 400),
    "an exponent": _line(price="1e400", quantity="1E+999999999"),
    "no number": _line(price="NaN"),
    "infinity": _line(quantity="Infinity"),
    "minus nothing": _line(discount="-0.00"),
    "digits of other scripts": _line(price="١٢٣"),
    "digits of full width": _line(price="\uff11\uff12"),
    "a number in place of its text": _line(price=1e308),
    "the greatest of all": _sale(
        lines=[{**_SALE["lines"][0], "quantity": "999999999999.999", "price": _NINES}] * 400,
        payments=[{"method": "cash", "amount": _NINES}] * 400,
        change=_NINES,
    ),
    "no lines": _sale(lines=[], payments=[]),
    "lists in lists": _sale(lines=[[]]),
    "an unknown field": _sale(nested={"a": {"b": {"c": []}}}),
    "an unknown type": _sale(type="sale.forged"),
    "a return of itself": {
        "type": "sale.returned",
        "at": _SALE["at"],
        "return_id": "s",
        "sale_id": "s",
        "lines": [{"good_id": "g", "quantity": "999999999999.999", "amount": _NINES}],
        "refunds": [{"method": "cash", "amount": _NINES}],
    },
    "a count of minus a million millions": {
        "type": "stock.counted",
        "at": _SALE["at"],
        "good_id": "g",
        "warehouse_id": "w",
        "quantity": "-999999999999.999",
    },
    "a contact of nobody": {
        "type": "contact.saved",
        "at": _SALE["at"],
        "contact_id": "c",
        "name": "\u202e" * 400,
        "purchases_total": _NINES,
        "debt": "-" + _NINES,
        "points": "0",
    },
}
"""One event each, by what is odd about it."""

_RUN = b'{"run":"00000000-0000-4000-8000-000000000001",'
BODIES: dict[str, bytes] = {
    "numbers beyond what JSON readers hold": _RUN + b'"first_seq":1e400,"events":[]}',
    "the last number there is": json.dumps(
        {"run": "00000000-0000-4000-8000-000000000002", "first_seq": 2**53 - 1, "events": [_SALE]}
    ).encode(),
    "a number beyond the last": json.dumps(
        {"run": "00000000-0000-4000-8000-000000000003", "first_seq": 2**53, "events": [_SALE]}
    ).encode(),
    "no number": b'{"run":"00000000-0000-4000-8000-000000000004","first_seq":NaN,"events":[]}',
    "brackets without end": b'{"run":"00000000-0000-4000-8000-000000000005","first_seq":1,"events":' + b"[" * 100_000,
    "a run in other letters": json.dumps(
        {"run": "0000000A-0000-4000-8000-00000000000B", "first_seq": 1, "events": [_SALE]}
    ).encode(),
    "a run in braces": json.dumps(
        {"run": "{0000000a-0000-4000-8000-00000000000c}", "first_seq": 1, "events": [_SALE]}
    ).encode(),
    "a field twice": b'{"run":"00000000-0000-4000-8000-000000000006","first_seq":1,"first_seq":2,"events":[]}',
    "bytes that are no UTF-8": json.dumps(
        {"run": "00000000-0000-4000-8000-000000000007", "first_seq": 1, "events": [_sale(sale_id="XX")]}
    )
    .encode()
    .replace(b"XX", b"\xff\xfe"),
    "nothing": b"",
    "null": b"null",
}
"""Whole bodies."""


def body(run: str, first: int, *events: dict[str, Any]) -> bytes:
    """An upload as JSON; halves of surrogate pairs as their escapes."""
    return json.dumps({"run": run, "first_seq": first, "events": list(events)}).encode()
