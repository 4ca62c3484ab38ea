"""The upload's boundary: what the gateway refuses, with which status and at which place, and what it drops."""

from __future__ import annotations

import copy
import json
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import UploadRefused
from schemas.limits import MAX_BYTES, MAX_EVENTS, MAX_SEQ
from schemas.private import PRIVATE_FIELDS
from schemas.records import UploadRecord, decode, encode_upload
from schemas.uploads import parse
from tests.schemas.mutations import mutated_bytes
from tests.schemas.strategies import RECEIVED, wire_events
from tests.schemas.values import few_ids

RUN = "5b0c0000-0000-4000-8000-000000000000"
SALE: dict[str, Any] = {
    "type": "sale.registered",
    "at": "2024-03-30T10:00:00+03:00",
    "sale_id": "s",
    "number": "1",
    "lines": [{"good_id": "g", "name": "Чай", "quantity": "1", "price": "1.00"}],
    "payments": [{"method": "cash", "amount": "1.00"}],
}
MOVE = {
    "type": "stock.moved",
    "at": "2024-03-30T10:00:00Z",
    "move_id": "m",
    "good_id": "g",
    "warehouse_id": "w",
    "quantity": "1",
    "reason": "receipt",
}
CONTACT = {
    "type": "contact.saved",
    "at": "2024-03-30T10:00:00Z",
    "contact_id": "c",
    "name": "Иванов И.",
    "purchases_total": "0",
    "debt": "0",
    "points": "0",
}
RETURN = {
    "type": "sale.returned",
    "at": "2024-03-30T10:00:00Z",
    "return_id": "r",
    "sale_id": "s",
    "lines": [{"good_id": "g", "quantity": "1", "amount": "0"}],
    "refunds": [],
}


GOOD = {"type": "good.saved", "at": "2024-03-30T10:00:00Z", "good_id": "g", "name": "Чай", "category": ""}
CASH = {"type": "cash.moved", "at": "2024-03-30T10:00:00Z", "cash_id": "ca", "amount": "-5", "reason": "salary"}
SHIFT: dict[str, Any] = {
    "type": "shift.closed",
    "at": "2024-03-30T10:00:00Z",
    "shift_id": "sh",
    "number": "1",
    "totals": {"receipts": 2, "by_method": [{"method": "cash", "amount": "1"}]},
}


def body(*events: Any, **changed: Any) -> bytes:
    return json.dumps({"run": RUN, "first_seq": 1, "events": list(events)} | changed).encode()


def changed(event: dict[str, Any], value: Any, *path: str | int) -> dict[str, Any]:
    """The event with another value at a place; `...` takes it out."""
    event = copy.deepcopy(event)
    parent: Any = event
    for step in path[:-1]:
        parent = parent[step]
    if value is ...:
        del parent[path[-1]]
    else:
        parent[path[-1]] = value
    return event


def taxed(tax: Any) -> dict[str, Any]:
    return changed(SALE, tax, "lines", 0, "tax")


def refusal(of: bytes) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        parse(of)
    return caught.value


NOT_JSON = [
    b"",
    b" ",
    b"{",
    b"nonsense",
    b"\xff\xfe",
    b"\x1f\x8b\x08",
    b'{"run":}',
    body(SALE)[:-1],
    body(SALE) + b"x",
    b'"\\ud800"',
    b"NaN",
    b"[" * 100_000,
    b'{"a":' * 50_000,
    body(SALE).replace(b'"s"', b'"\xed\xa0\x80"'),
    body(SALE).replace(b'"s"', b'"\\ud800"'),
    body(SALE).replace(b'"s"', b'"\\udc00\\ud800"'),
]


@pytest.mark.parametrize("value", NOT_JSON, ids=range(len(NOT_JSON)))
def test_400_what_is_no_json(value: bytes) -> None:
    """Broken or too deep JSON and broken UTF-8, lone surrogates included, are 'not_json'."""
    refused = refusal(value)
    assert (refused.status, refused.code) == (400, "not_json")


def test_413_too_many_bytes() -> None:
    """One byte over 8 MiB is refused, 8 MiB are not."""
    sound = body(SALE)
    assert parse(sound + b" " * (MAX_BYTES - len(sound))).first_seq == 1
    refused = refusal(sound + b" " * (MAX_BYTES - len(sound) + 1))
    assert (refused.status, refused.code, refused.at) == (413, "too_large", "")


@pytest.mark.parametrize("extra", [{}, {"email": "x@example.com"}])
def test_413_too_many_events(extra: dict[str, str]) -> None:
    """501 events are refused, 500 are not; on the quick way through the decoder and on the slow one."""
    assert len(parse(body(*[MOVE | extra] * MAX_EVENTS)).events) == MAX_EVENTS
    refused = refusal(body(*[MOVE | extra] * (MAX_EVENTS + 1)))
    assert (refused.status, refused.code, refused.at) == (413, "too_many_events", "events")


def test_413_before_422() -> None:
    """Too many events are too many, whatever stands in them."""
    assert refusal(body(*[{}] * (MAX_EVENTS + 1))).status == 413


INVALID: list[tuple[bytes, str]] = [
    (b"[]", ""),
    (b"null", ""),
    (b"{}", ""),
    (body(), "events"),
    (body(SALE, run="5b0c"), "run"),
    (body(SALE, run=None), "run"),
    (body(SALE, first_seq=0), "first_seq"),
    (body(SALE, first_seq=-1), "first_seq"),
    (body(SALE, first_seq="1"), "first_seq"),
    (body(SALE, first_seq=1.5), "first_seq"),
    (body(SALE, first_seq=True), "first_seq"),
    (body(SALE, first_seq=MAX_SEQ + 1), "first_seq"),
    (body(SALE, first_seq=10**400), "first_seq"),
    (body(SALE, MOVE, first_seq=MAX_SEQ), "first_seq"),
    (body(SALE, events={}), "events"),
    (body(SALE, more=1), ""),
    (body(SALE, 7), "events[1]"),
    (body(SALE, []), "events[1]"),
    (body(SALE, {}), "events[1]"),
    (body(changed(SALE, "sale.unheard_of", "type")), "events[0].type"),
    (body(changed(SALE, 1, "type")), "events[0].type"),
    (body(changed(SALE, ..., "at")), "events[0]"),
    *((body(SALE, changed(SALE, at, "at")), "events[1].at") for at in [
        None, 0, "", "2024-03-30", "2024-03-30T10:00:00", "2024-02-30T10:00:00Z", "2024-03-30T24:00:00Z",
        "1969-12-31T23:59:59Z", "1970-01-01T00:00:00+03:00", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
    ]),
    *((body(changed(SALE, good_id, "lines", 0, "good_id")), "events[0].lines[0].good_id") for good_id in [
        "", "x" * 129, 7, None,
    ]),
    *((body(changed(SALE, price, "lines", 0, "price")), "events[0].lines[0].price") for price in [
        1, 1.5, None, "", "-1", "+1", "1.", ".5", "1.00005", "1e2", "1E2", "NaN", "Infinity", " 1", "1 ", "1\n", "1,5",
        "1_0", "١", "9" * 14, "0x1",
    ]),
    *((body(changed(SALE, quantity, "lines", 0, "quantity")), "events[0].lines[0].quantity") for quantity in [
        "0", "0.000", "-1", "1.0000005", "9" * 13, 1,
    ]),
    *((body(changed(SALE, value, "lines", 0, name)), f"events[0].lines[0].{name}") for name, value in [
        ("discount", "1.005"), ("sum", "1.005"), ("sum", "-1"), ("sum", 1), ("cost", "1.00005"), ("cost", "-1"),
        ("unit", "x" * 101), ("kind", "goods"), ("kind", None), ("tax", "20"), ("tax", []),
    ]),
    *((body(taxed({"rate": rate, "amount": "1"})), "events[0].lines[0].tax.rate") for rate in [
        "", "НДС", "20%", "-20", "20/", "/120", "20/0", "20/120/2", "None", " 20", 20, None,
    ]),
    (body(taxed({"rate": "20", "amount": "-1"})), "events[0].lines[0].tax.amount"),
    (body(taxed({"rate": "20", "amount": "1", "on_top": 1})), "events[0].lines[0].tax.on_top"),
    (body(taxed({"rate": "20"})), "events[0].lines[0].tax"),
    (body(changed(SALE, "0.001", "rounding")), "events[0].rounding"),
    (body(changed(SALE, None, "rounding")), "events[0].rounding"),
    (body(changed(SALE, "yes", "correction")), "events[0].correction"),
    (body(changed(SALE, "", "cashier_id")), "events[0].cashier_id"),
    (body(changed(SALE, {"fn": "1", "fd": "2"}, "fiscal")), "events[0].fiscal"),
    (body(changed(SALE, {"fn": "1", "fd": 2, "fp": "3"}, "fiscal")), "events[0].fiscal.fd"),
    (body(changed(SALE, {"fn": "x" * 129, "fd": "2", "fp": "3"}, "fiscal")), "events[0].fiscal.fn"),
    (body(changed(GOOD, "1.00005", "max_price")), "events[0].max_price"),
    (body(changed(GOOD, "-1", "cost")), "events[0].cost"),
    (body(changed(GOOD, "-1", "min_stock")), "events[0].min_stock"),
    (body(changed(GOOD, "x" * 129, "article")), "events[0].article"),
    (body(changed(CASH, "1.005", "amount")), "events[0].amount"),
    (body(changed(CASH, "theft", "reason")), "events[0].reason"),
    (body(changed(SHIFT, -1, "totals", "receipts")), "events[0].totals.receipts"),
    (body(changed(SHIFT, "2", "totals", "receipts")), "events[0].totals.receipts"),
    (body(changed(SHIFT, "1.005", "totals", "by_method", 0, "amount")), "events[0].totals.by_method[0].amount"),
    (body(changed(SHIFT, "-1", "cash")), "events[0].cash"),
    (body(changed(SALE, "-0.01", "lines", 0, "discount")), "events[0].lines[0].discount"),
    (body(changed(SALE, "-0.01", "change")), "events[0].change"),
    (body(changed(SALE, "-1", "payments", 0, "amount")), "events[0].payments[0].amount"),
    (body(changed(SALE, "crypto", "payments", 0, "method")), "events[0].payments[0].method"),
    (body(changed(SALE, "Cash", "payments", 0, "method")), "events[0].payments[0].method"),
    (body(changed(SALE, "x" * 2001, "number")), "events[0].number"),
    (body(changed(SALE, 1, "lines", 0, "excise")), "events[0].lines[0]"),
    (body(changed(SALE, {}, "lines")), "events[0].lines"),
    (body(changed(SALE, None, "lines", 0)), "events[0].lines[0]"),
    (body(changed(SALE, "a\0b", "lines", 0, "name")), "events[0].lines[0].name"),
    (body(MOVE, changed(SALE, "\0", "sale_id")), "events[1].sale_id"),
    (body(changed(MOVE, "theft", "reason")), "events[0].reason"),
    (body(changed(MOVE, "--1", "quantity")), "events[0].quantity"),
    (body(changed(CONTACT, "-1", "purchases_total")), "events[0].purchases_total"),
    (body(changed(CONTACT, "x" * 501, "name")), "events[0].name"),
    (body(changed(RETURN, "-1", "lines", 0, "amount")), "events[0].lines[0].amount"),
    (body(changed(RETURN, "-1", "lines", 0, "quantity")), "events[0].lines[0].quantity"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "at"), INVALID, ids=range(len(INVALID)))
def test_422_what_breaks_the_schema(value: bytes, at: str) -> None:
    """Each fault is refused with its place in the upload, in the contract's form."""
    refused = refusal(value)
    assert (refused.status, refused.code, refused.at) == (422, "invalid", at)
    assert refused.detail


ALLOWED = [
    changed(SALE, "1970-01-01T00:00:00Z", "at"),
    changed(SALE, "2199-12-31T23:59:59.999999Z", "at"),
    changed(SALE, "2024-03-30T10:00:00.5-12:00", "at"),
    changed(SALE, "0", "lines", 0, "price"),
    changed(SALE, "9" * 13 + ".99", "lines", 0, "price"),
    changed(SALE, "0.001", "lines", 0, "quantity"),
    changed(SALE, "9" * 12 + ".999", "lines", 0, "quantity"),
    changed(SALE, "0", "payments", 0, "amount"),
    changed(SALE, "x" * 128, "sale_id"),
    changed(SALE, "😀" * 128, "sale_id"),
    changed(SALE, "9" * 13 + ".9999", "lines", 0, "price"),
    changed(SALE, "9" * 12 + ".999999", "lines", 0, "quantity"),
    changed(SALE, "0.000001", "lines", 0, "quantity"),
    *(changed(SALE, value, "lines", 0, name) for name, value in [
        ("sum", "0"), ("sum", None), ("cost", "0.0001"), ("cost", None), ("unit", ""), ("kind", "tip"), ("tax", None),
    ]),
    *(taxed({"rate": rate, "amount": "0.17"}) for rate in [
        "20", "20.0", "0", "none", "20/120", "22.5/122.5", "0.5", "7", "1000",
    ]),
    changed(SALE, "-0.49", "rounding"),
    changed(SALE, {"fn": "1", "fd": "2", "fp": "3"}, "fiscal"),
    changed(SALE, None, "fiscal"),
    changed(SALE, True, "correction"),
    changed(SALE, "gift_card", "payments", 0, "method"),
    changed(RETURN, ..., "sale_id"),
    changed(RETURN, None, "sale_id"),
    GOOD,
    GOOD | {"max_price": None, "cost": "1.0001", "min_stock": "0", "article": "A", "unit": "шт"},
    CASH,
    SHIFT,
    changed(SHIFT, {}, "totals"),
    changed(SALE, "", "number"),
    changed(SALE, [], "lines"),
    changed(SALE, [], "payments"),
    changed(SALE, None, "cashier"),
    changed(MOVE, "-1.5", "quantity"),
    changed(MOVE, "0", "quantity"),
    changed(CONTACT, "-0.01", "debt"),
    changed(CONTACT, "-5", "points"),
    changed(CONTACT, "", "name"),
]  # fmt: skip


@pytest.mark.parametrize("event", ALLOWED, ids=range(len(ALLOWED)))
def test_what_the_contract_allows(event: dict[str, Any]) -> None:
    """Zero prices and payments, negative debts, points and movements, and values at the very bounds are accepted."""
    assert len(parse(body(event)).events) == 1


@pytest.mark.parametrize("name", sorted(PRIVATE_FIELDS | {"Email", "PHONE", "Card_Number"}))
def test_private_fields_are_dropped_anywhere(name: str) -> None:
    """Each of them, at the top, in an event or deeper, whatever its value, leaves no trace in what is written."""
    secret = {"deep": ["secret", {"\0": "secret", name: "secret"}]}
    sale = copy.deepcopy(SALE)
    sale[name] = "secret"
    sale["lines"][0][name] = secret
    sale["payments"][0][name] = None
    upload = parse(body(sale, CONTACT | {name: "secret"}, **{name: "secret"}))
    assert upload.events == parse(body(SALE, CONTACT)).events
    written = encode_upload(
        outlet=RUN, till=RUN, run=RUN, first_seq=1, zone="UTC", received_at=RECEIVED, wire_events=upload.events
    )
    assert b"secret" not in written
    assert name.encode() not in written.replace(b'"name"', b"")


def test_the_last_of_two_equal_keys_counts() -> None:
    """Of a key that stands twice the last value is validated and kept, so nothing unchecked gets through."""
    twice = body(SALE).replace(b'"sale_id": "s"', b'"sale_id": "", "sale_id": "s2"')
    assert parse(twice).events[0].sale_id == "s2"
    assert refusal(body(SALE).replace(b'"sale_id": "s"', b'"sale_id": "s", "sale_id": ""')).at == "events[0].sale_id"


def test_nesting_is_bounded_inside_dropped_fields_too() -> None:
    """A private field may hold anything that is JSON, up to the decoder's depth."""
    assert len(parse(body(SALE | {"email": json.loads("[" * 100 + "]" * 100)})).events) == 1
    deep = body(SALE | {"email": 7}).replace(b"7}", b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert refusal(deep).status == 400


@given(st.lists(wire_events(few_ids), min_size=1, max_size=3), st.integers(1, MAX_SEQ - 3))
def test_what_is_accepted_is_what_the_log_keeps(events: list[Any], first_seq: int) -> None:
    """An accepted upload, written as the gateway writes it, is decoded to the same events."""
    upload = parse(body(*events, first_seq=first_seq))
    record = decode(
        encode_upload(
            outlet=RUN,
            till=RUN,
            run=str(upload.run),
            first_seq=upload.first_seq,
            zone="UTC",
            received_at=RECEIVED,
            wire_events=upload.events,
        )
    )
    assert isinstance(record, UploadRecord)
    assert msgspec.to_builtins(upload.events, str_keys=True) == [
        json.loads(msgspec.json.encode(event)) | {"at": json.loads(msgspec.json.encode(event.at))}
        for event in record.events
    ]


def _is_parsed_or_refused(value: bytes) -> None:
    try:
        parse(value)
    except UploadRefused as refused:
        assert refused.status in {400, 413, 422}  # noqa: PT017 (either outcome is right)


@given(st.binary())
@example(b"{" * 200_000)
@example(b'{"events":' + b"[" * 200_000)
@example(b'{"run":1,"events":[{"type":"x","\\u0000":"\\u0000"}]}')
def test_any_bytes_are_parsed_or_refused(value: bytes) -> None:
    """Arbitrary bytes raise nothing but `UploadRefused`."""
    _is_parsed_or_refused(value)


@given(mutated_bytes(body(SALE, RETURN, MOVE, CONTACT)))
def test_damaged_uploads_are_parsed_or_refused(value: bytes) -> None:
    """A sound upload with a few bytes changed raises nothing but `UploadRefused`."""
    _is_parsed_or_refused(value)


@pytest.mark.parametrize("field", ["email", "unheard_of"])
@pytest.mark.parametrize("depth", [200, 400, 450, 480, 500, 600, 900, 950, 1000, 2000])
@pytest.mark.parametrize("brackets", [(b"[", b"]"), (b'{"x":', b"}")])
def test_any_depth_is_parsed_or_refused(field: str, depth: int, brackets: tuple[bytes, bytes]) -> None:
    """No depth of nesting, in a dropped field or another, raises anything but `UploadRefused`."""
    opening, closing = brackets
    nested = opening * depth + b"1" + closing * depth
    _is_parsed_or_refused(body(SALE | {field: 7}).replace(b"7}", nested + b"}"))
