"""Log records: what was once written is read for ever, and nothing that is read can raise anything unforeseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas import events as e
from schemas.errors import RecordUnreadable
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    Origin,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
    decode,
    encode,
    encode_upload,
    headers,
    origin,
)
from schemas.upcasting import VERSION
from tests.schemas.mutations import mutated_bytes
from tests.schemas.strategies import event_of, few_ids, records, wire_events

GOLDEN = Path(__file__).parent / "golden"
OUTLET, TILL, RUN = (f"{digit * 8}-0000-4000-8000-000000000000" for digit in "123")
AT = datetime(2024, 3, 31, 1, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=3)))
RECEIVED = datetime(2024, 3, 31, 2, 0, tzinfo=UTC)


def _upload(event: e.Event) -> UploadRecord:
    return UploadRecord(OUTLET, TILL, RUN, 41, "Europe/Moscow", RECEIVED, [event])


EVENTS: list[e.Event] = [
    e.SaleRegistered(
        at=AT,
        sale_id="s-1",
        number="000123",
        lines=[
            e.Line("g-1", "Чай «Утро»", Decimal("1.250"), Decimal("99.90"), Decimal("0.05"), "w-1"),
            e.Line("g-2", "Кофе", Decimal("1"), Decimal("0")),
        ],
        payments=[e.Payment("cash", Decimal("200.00")), e.Payment("sbp", Decimal("0"))],
        change=Decimal("75.18"),
        contact_id="c-1",
        cashier="Кузнецова А.",
    ),
    e.SaleReturned(
        at=AT,
        return_id="r-1",
        sale_id="s-1",
        lines=[
            e.ReturnLine("g-1", Decimal("0.5"), Decimal("49.95"), "w-1"),
            e.ReturnLine("g-2", Decimal(1), Decimal(0)),
        ],
        refunds=[e.Refund("card", Decimal("49.95"))],
    ),
    e.GoodSaved(
        at=AT,
        good_id="g-1",
        name="Чай «Утро»",
        category="Напитки",
        max_price=Decimal("99.90"),
        barcode="4600000000017",
        barcodes=["4600000000024"],
        extra=[e.ExtraField("Страна", "Индия")],
    ),
    e.GoodRemoved(at=AT, good_id="g-1"),
    e.StockCounted(at=AT, good_id="g-1", warehouse_id="main", quantity=Decimal("-0.125")),
    e.StockMoved(at=AT, move_id="m-1", good_id="g-1", warehouse_id="main", quantity=Decimal("12"), reason="receipt"),
    e.WarehouseSaved(at=AT, warehouse_id="w-1", name="Подсобка"),
    e.ContactSaved(
        at=AT,
        contact_id="c-1",
        name="Петров П.П.",
        purchases_total=Decimal("1234.50"),
        debt=Decimal("-10"),
        points=Decimal("7.5"),
    ),
    e.ContactRemoved(at=AT, contact_id="c-1"),
    e.EventWithdrawn(at=AT, reason="refused: price"),
]

EXPECTED: dict[str, Record] = {
    **{str(type(event).__struct_config__.tag): _upload(event) for event in EVENTS},
    "gap.given_up": GapGivenUp(OUTLET, TILL, RUN, 41, 50, "the till was lost", RECEIVED),
    "events.discarded": EventsDiscarded(OUTLET, TILL, RUN, 51, 51, "a broken record", RECEIVED),
    "contact.forgotten": ContactForgotten(OUTLET, "c-1", RECEIVED),
    "outlet.removed": OutletRemoved(OUTLET, RECEIVED),
    "unreadable": Unreadable(OUTLET, TILL, RUN, 41, 10, 7, "not JSON"),
}


def _golden(version: int, name: str) -> bytes:
    return (GOLDEN / f"v{version}-{name}.json").read_bytes().removesuffix(b"\n")


_WRITTEN = sorted(
    (int(version.removeprefix("v")), kind) for version, _, kind in (p.stem.partition("-") for p in GOLDEN.iterdir())
)


@pytest.mark.parametrize(("version", "name"), _WRITTEN)
def test_golden_records_are_read_for_ever(version: int, name: str) -> None:
    """The bytes of each version and kind, as they were written once, give the same record today."""
    assert decode(_golden(version, name)) == EXPECTED[name]


@pytest.mark.parametrize("name", EXPECTED)
def test_the_present_version_is_written_as_ever(name: str) -> None:
    """Encoding gives the golden bytes: a change of the format needs a new version."""
    assert encode(EXPECTED[name]) == _golden(VERSION, name)


def test_every_kind_has_golden_bytes() -> None:
    """No event type or record kind is without them in the present version, and none of an older version is lost."""
    kinds = {kind.__struct_config__.tag for kind in (*e.Event.__args__, *Record.__args__)} - {"upload"}
    assert kinds == set(EXPECTED)
    assert {f"v{VERSION}-{kind}.json" for kind in kinds} <= {path.name for path in GOLDEN.iterdir()}
    assert {kind for _, kind in _WRITTEN} <= kinds


@given(records())
def test_what_is_encoded_is_decoded(record: Record) -> None:
    """`decode(encode(record)) == record` for every kind."""
    assert decode(encode(record)) == record


@given(st.lists(wire_events(few_ids), max_size=3))
def test_events_in_wire_form_become_the_same_record(wire: list[object]) -> None:
    """The gateway's way into the log gives the same bytes as encoding the structs, but for how moments are written."""
    found = decode(
        encode_upload(
            outlet=OUTLET, till=TILL, run=RUN, first_seq=1, zone="UTC", received_at=RECEIVED, wire_events=wire
        )
    )
    assert found == UploadRecord(OUTLET, TILL, RUN, 1, "UTC", RECEIVED, [event_of(event) for event in wire])


def _decodes_or_is_unreadable(value: bytes) -> None:
    try:
        decode(value)
    except RecordUnreadable as exc:
        assert exc.__cause__ is not None  # noqa: PT017 (either outcome is right; the cause must not be lost)


@given(st.binary())
@example(b"[" * 100_000)
@example(b'{"v":' + b"1" * 5000 + b"}")
@example(b'{"v":true,"kind":"upload"}')
@example(b'{"v":1,"kind":["upload"],"events":[{"lines":[1,null]}]}')
@example(b'{"v":1,"kind":"upload","events":{"lines":7}}')
@example(b'"\\ud800"')
def test_any_bytes_decode_or_are_unreadable(value: bytes) -> None:
    """Arbitrary bytes raise nothing but `RecordUnreadable`."""
    _decodes_or_is_unreadable(value)


@given(st.sampled_from(sorted(GOLDEN.iterdir())).flatmap(lambda path: mutated_bytes(path.read_bytes())))
def test_damaged_records_decode_or_are_unreadable(value: bytes) -> None:
    """Golden bytes with a few of them changed raise nothing but `RecordUnreadable`."""
    _decodes_or_is_unreadable(value)


@pytest.mark.parametrize("version", [0, 3, -1, "2", None, 2.5, True, [], 10**30])
def test_a_record_of_an_unknown_version_is_unreadable(version: object) -> None:
    """A version from the future, or none at all, is not guessed at."""
    document = msgspec.json.decode(encode(EXPECTED["outlet.removed"])) | {"v": version}
    with pytest.raises(RecordUnreadable):
        decode(msgspec.json.encode(document))


def test_a_record_without_a_version_is_unreadable() -> None:
    """A record that does not say its version is not taken for one of the present."""
    with pytest.raises(RecordUnreadable):
        decode(encode(EXPECTED["outlet.removed"]).replace(b',"v":2', b""))


def test_no_value_is_unreadable() -> None:
    """A tombstone, which nobody writes into the log, is unreadable."""
    with pytest.raises(RecordUnreadable):
        decode(None)


def test_a_field_of_a_later_time_is_not_passed_over() -> None:
    """A field that this version does not know makes the record unreadable instead of half understood."""
    document = msgspec.json.decode(encode(EXPECTED["sale.registered"]))
    document["events"][0]["lines"][0]["excise"] = "1"
    with pytest.raises(RecordUnreadable):
        decode(msgspec.json.encode(document))


@given(st.text(), st.text(), st.text(), st.integers(1, 10**18 - 1), st.integers(1, 500), st.integers(0, 2**53))
def test_headers_say_what_they_were_given(
    outlet: str, till: str, run: str, first_seq: int, count: int, offset: int
) -> None:
    """`origin` reads what `headers` wrote."""
    outlet, till, run = (text.encode("utf-8", "replace").decode() for text in (outlet, till, run))
    written = headers(
        kind="upload", outlet=outlet, till=till, run=run, first_seq=first_seq, count=count, source_offset=offset
    )
    if run:
        assert origin(written) == Origin("upload", outlet, till, run, first_seq, count, offset)
    else:
        assert origin(written) == Origin("upload", outlet, "", "", 0, 0, offset)


@given(st.lists(st.tuples(st.sampled_from(["kind", "outlet", "run", "first_seq", "count"]), st.binary())), st.binary())
def test_any_headers_can_be_read(found: list[tuple[str, bytes]], key: bytes) -> None:
    """Broken headers raise nothing; numbers are never negative but for a missing source offset."""
    said = origin(found, key)
    assert said.first_seq >= 0
    assert said.count >= 0
    assert said.source_offset == -1
