"""Log records: what was once written is read for ever, and nothing that is read can raise anything unforeseen."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from schemas.errors import RecordUnreadable
from schemas.events import Event
from schemas.events.event_type import tag
from schemas.records import (
    Origin,
    Record,
    UploadRecord,
    decode,
    encode,
    encode_upload,
    headers,
    origin,
)
from schemas.upcasting import VERSION
from tests.schemas.golden_records import EXPECTED, GOLDEN, OUTLET, RECEIVED, RUN, TILL, expected
from tests.schemas.mutations import mutated_bytes
from tests.schemas.strategies import event_of, records, wire_events
from tests.schemas.values import few_ids


def _golden(version: int, name: str) -> bytes:
    return (GOLDEN / f"v{version}-{name}.json").read_bytes().removesuffix(b"\n")


_WRITTEN = sorted(
    (int(version.removeprefix("v")), kind) for version, _, kind in (p.stem.partition("-") for p in GOLDEN.iterdir())
)


@pytest.mark.parametrize(("version", "name"), _WRITTEN)
def test_golden_records_are_read_for_ever(version: int, name: str) -> None:
    """The bytes of each version and kind, as they were written once, give the same record today."""
    assert decode(_golden(version, name)) == expected(version, name)


@pytest.mark.parametrize("name", EXPECTED)
def test_the_present_version_is_written_as_ever(name: str) -> None:
    """Encoding gives the golden bytes: a change of the format needs a new version."""
    assert encode(EXPECTED[name]) == _golden(VERSION, name)


def test_every_kind_has_golden_bytes() -> None:
    """No event type or record kind is without them in the present version, and none of an older version is lost."""
    kinds = {tag(struct) for struct in (*get_args(Event), *get_args(Record))} - {"upload"}
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


@pytest.mark.parametrize("version", [0, VERSION + 1, -1, "2", None, 2.5, True, [], 10**30])
def test_a_record_of_an_unknown_version_is_unreadable(version: object) -> None:
    """A version from the future, or none at all, is not guessed at."""
    document = msgspec.json.decode(encode(EXPECTED["outlet.removed"])) | {"v": version}
    with pytest.raises(RecordUnreadable):
        decode(msgspec.json.encode(document))


def test_a_record_without_a_version_is_unreadable() -> None:
    """A record that does not say its version is not taken for one of the present."""
    with pytest.raises(RecordUnreadable):
        decode(encode(EXPECTED["outlet.removed"]).replace(b',"v":%d' % VERSION, b""))


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
