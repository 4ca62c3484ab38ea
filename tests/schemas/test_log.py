"""The partition of a key, and how large a record may become."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from aiokafka.partitioner import DefaultPartitioner
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemas.events.minimising import minimised
from schemas.limits import MAX_BYTES, MAX_EVENTS
from schemas.log import MAX_RECORD_BYTES, partition_of
from schemas.records import UploadRecord, decode, encode, encode_upload
from schemas.uploads import parse
from tests.schemas.strategies import RECEIVED

_RUN = "5b0c0000-0000-4000-8000-000000000000"


@given(st.binary(max_size=40), st.integers(1, 40))
def test_partitions_are_those_of_the_default_partitioner(key: bytes, count: int) -> None:
    """A key has the partition that Kafka's own producers give it, whatever its length."""
    partitions = list(range(count))
    assert partition_of(key, count) == DefaultPartitioner()(key, partitions, partitions)


_LINE = {"good_id": "g", "name": "", "quantity": "1", "price": "1"}
_SALE = {"type": "sale.registered", "at": "2024-03-30T10:00:00+0300", "sale_id": "s", "number": "1", "payments": []}
_RETURN = {"type": "sale.returned", "at": "2024-03-30T10:00:00+0300", "return_id": "r", "refunds": []}
_GOOD = {"type": "good.saved", "at": "2024-03-30T10:00:00+0300", "good_id": "g", "category": ""}
_SHIFT = {"type": "shift.closed", "at": "2024-03-30T10:00:00+0300", "shift_id": "s", "number": "1"}
_DECOMPOSED = "\u0958"
"""A letter that Unicode's normal form, in which names are kept, writes as two."""

LARGEST: dict[str, Any] = {
    "lines that leave out all they may": {**_SALE, "lines": [_LINE]},
    "lines that leave out nothing": {
        **_SALE,
        "lines": [{**_LINE, "sum": "1", "cost": "1", "unit": "", "tax": {"rate": "0", "amount": "0"}}],
    },
    "lines of a return": {**_RETURN, "lines": [{"good_id": "g", "quantity": "1", "amount": "1"}]},
    "payments": {**_SALE, "lines": [], "payments": [{"method": "sbp", "amount": "0"}]},
    "barcodes": {**_GOOD, "name": "", "barcodes": [""]},
    "fields of a shop's own": {**_GOOD, "name": "", "extra": [{"name": "", "value": ""}]},
    "sums of a Z-report": {**_SHIFT, "totals": {"by_method": [{"method": "sbp", "amount": "0"}]}},
}
"""One event that is to fill an upload by its only list that is not empty."""


def _filled(event: dict[str, Any]) -> bytes:
    """An upload of the greatest size, of that one event with the entries of its list again and again."""
    document = msgspec.json.decode(msgspec.json.encode(event))
    [entries] = [
        value
        for part in (document, document.get("totals", {}))
        for value in part.values()
        if isinstance(value, list) and value
    ]
    entry = entries[0]
    entries *= (MAX_BYTES - 1_000) // (len(msgspec.json.encode(entry)) + 1)
    return msgspec.json.encode({"run": _RUN, "first_seq": 1, "events": [document]})


def _sizes(body: bytes) -> tuple[int, int]:
    """How many bytes the upload is as a record, as the gateway writes it and as `anonymise` does."""
    upload = parse(body)
    written = encode_upload(
        outlet=_RUN,
        till=_RUN,
        run=str(upload.run),
        first_seq=upload.first_seq,
        zone="America/Argentina/ComodRivadavia",
        received_at=RECEIVED,
        wire_events=upload.events,
    )
    record = decode(written)
    assert isinstance(record, UploadRecord)
    return len(written), len(encode(replace(record, events=minimised(record.events))))


@pytest.mark.parametrize("name", LARGEST)
def test_the_largest_upload_is_a_record_of_its_size(name: str) -> None:
    """What a till leaves out is not written into the log: a full upload grows by what names a record, no more."""
    body = _filled(LARGEST[name])
    assert MAX_BYTES - 1_200 < len(body) <= MAX_BYTES
    assert max(_sizes(body)) < len(body) + 600 < MAX_RECORD_BYTES


def test_names_that_grow_stay_far_below_the_greatest_record() -> None:
    """A name may double where it is kept in Unicode's normal form, but there is one of an event at most."""
    contact = {
        **{"type": "contact.saved", "at": "2024-03-30T10:00:00.1+0300", "contact_id": "c", "name": _DECOMPOSED * 500},
        **{"purchases_total": "0", "debt": "0", "points": "0"},
    }
    sale = {**_SALE, "cashier": _DECOMPOSED * 2_000, "lines": []}
    for event in (contact, sale):
        body = json.dumps({"run": _RUN, "first_seq": 1, "events": [event] * MAX_EVENTS}, ensure_ascii=False).encode()
        assert max(_sizes(body)) < 2 * len(body) < MAX_RECORD_BYTES
