"""Moments are cut to microseconds, and their offsets are those that can be written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import RecordUnreadable, UploadRefused
from schemas.records import UploadRecord, decode, encode, encode_upload
from schemas.uploads import parse

RUN = "5b0c4a52-6a3a-4d3c-9d0c-2f7a3f0d2b11"
RECEIVED = datetime(2026, 11, 24, 12, tzinfo=UTC)

digits = st.text("0123456789", min_size=1, max_size=30)
offsets = st.integers(-15 * 60 - 59, 15 * 60 + 59)


def upload(at: str, **fields: Any) -> bytes:
    """An upload with one event, as a till sends it."""
    event = {"type": "good.removed", "at": at, "good_id": "g", **fields}
    return msgspec.json.encode({"run": RUN, "first_seq": 1, "events": [event]})


def in_log(body: bytes) -> UploadRecord:
    """The record that the gateway makes of an upload, as a worker reads it."""
    sent = parse(body)
    record = decode(
        encode_upload(
            outlet="o",
            till="t",
            run=str(sent.run),
            first_seq=sent.first_seq,
            zone="Europe/Moscow",
            received_at=RECEIVED,
            wire_events=sent.events,
        )
    )
    assert isinstance(record, UploadRecord)
    return record


@given(digits, offsets)
def test_digits_beyond_the_sixth_are_cut(fraction: str, minutes: int) -> None:
    """The moment in the log is the one sent with at most six digits of its second, whatever came after them."""
    offset = timezone(timedelta(minutes=minutes))
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    [event] = in_log(upload(f"2026-11-24T23:59:59.{fraction}{sign}{hours:02}:{rest:02}")).events
    expected = datetime(2026, 11, 24, 23, 59, 59, int(fraction[:6].ljust(6, "0")), offset)
    assert event.at == expected
    assert event.at.utcoffset() == expected.utcoffset()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("2026-11-24T23:59:59.9999999+03:00", "2026-11-24T23:59:59.999999+03:00"),
        ("2026-12-31t23:59:59.99999999999999999999z", "2026-12-31T23:59:59.999999+00:00"),
        ("2026-11-24 00:00:00.0000009-0300", "2026-11-24T00:00:00-03:00"),
        ("2199-12-31T23:59:59.9999999Z", "2199-12-31T23:59:59.999999+00:00"),
    ],
)
def test_a_day_does_not_end_before_its_end(written: str, kept: str) -> None:
    """The last moments of a day, a year and the calendar stay in it."""
    assert in_log(upload(written)).events[0].at.isoformat() == kept


def test_what_lies_before_the_calendar_is_not_rounded_into_it() -> None:
    """A moment just before 1970 is refused like any other before it."""
    with pytest.raises(UploadRefused, match="1970"):
        parse(upload("1969-12-31T23:59:59.9999999Z"))


def test_escapes_hide_no_digits() -> None:
    """A moment written with JSON's escapes is cut like any other."""
    for plain, escape in (("9", "\\u0039"), (".", "\\u002e"), (".", "\\u002E"), ("T", "\\u0054")):
        body = upload("2026-11-24T23:59:59.9999999Z").decode().replace(plain, escape, 1)
        assert in_log(body.encode()).events[0].at == datetime(2026, 11, 24, 23, 59, 59, 999_999, UTC), body


def test_a_text_like_a_moment_stays_as_it_is() -> None:
    """Only moments are cut: a name with many digits keeps them."""
    name = "v 2026-11-24T23:59:59.123456789Z 0.1234567890"
    body = upload("2026-11-24T10:00:00Z", type="good.saved", name=name, category=name, max_price="1")
    [event] = in_log(body).events
    assert msgspec.to_builtins(event)["name"] == name


@pytest.mark.parametrize("offset", ["+16:00", "-16:00", "+23:59", "-23:59", "+1600"])
def test_an_offset_beyond_all_zones_is_refused(offset: str) -> None:
    """422 with the place: PostgreSQL could not take it later."""
    for fraction in ("", ".1234567"):
        with pytest.raises(UploadRefused) as refused:
            parse(upload(f"2026-11-24T10:00:00{fraction}{offset}"))
        assert (refused.value.status, refused.value.at) == (422, "events[0].at")
        assert "15:59" in refused.value.detail


@pytest.mark.parametrize("offset", ["+15:59", "-15:59", "+14:00", "Z"])
def test_an_offset_that_can_be_written_is_taken(offset: str) -> None:
    """±15:59 is the last."""
    assert parse(upload(f"2026-11-24T10:00:00{offset}"))


@given(st.lists(st.integers(-23 * 60 - 59, 23 * 60 + 59), min_size=1, max_size=5))
def test_an_old_record_is_read_at_the_same_moments(minutes: list[int]) -> None:
    """Offsets that older gateways let into the log are read as UTC: the same moments, and each can be written."""
    moments = [datetime(2026, 11, 24, 10, tzinfo=timezone(timedelta(minutes=each))) for each in minutes]
    record = UploadRecord("o", "t", RUN, 1, "Europe/Moscow", RECEIVED, [])
    events = [{"type": "good.removed", "at": at.isoformat(), "good_id": "g"} for at in moments]
    read = decode(msgspec.json.encode({**msgspec.to_builtins(record), "events": events, "v": 2}))
    assert isinstance(read, UploadRecord)
    assert [event.at for event in read.events] == moments
    for event, each in zip(read.events, minutes, strict=True):
        kept = abs(each) < 16 * 60
        assert event.at.utcoffset() == timedelta(minutes=each if kept else 0)
    assert decode(encode(read)) == read


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"])
def test_a_moment_outside_the_calendar_is_unreadable(at: str) -> None:
    """Such a record has no moment in UTC: it is set aside like any other that can't be read, and nothing else fails."""
    record = UploadRecord("o", "t", RUN, 1, "Europe/Moscow", RECEIVED, [])
    events = [{"type": "good.removed", "at": at, "good_id": "g"}]
    with pytest.raises(RecordUnreadable):
        decode(msgspec.json.encode({**msgspec.to_builtins(record), "events": events, "v": 2}))
    with pytest.raises(UploadRefused):
        parse(upload(at))


@pytest.mark.parametrize(
    "at", ["0001-01-01T00:00:00+15:59", "9999-12-31T23:59:59-15:59", "9999-12-31T23:59:59.9999999Z"]
)
def test_the_ends_of_the_calendar_are_refused(at: str) -> None:
    """422, not a failure: a moment there has no local day in every zone."""
    with pytest.raises(UploadRefused, match="1970"):
        parse(upload(at))


@pytest.mark.parametrize("version", [1, 2])
def test_an_old_record_is_cut_when_it_is_read(version: int) -> None:
    """A record with more digits than six, whoever wrote it, is read as if they were not there."""
    zone = {1: "tz", 2: "zone"}[version]
    record = {
        "kind": "upload",
        **{"outlet": "o", "till": "t", "run": RUN, "first_seq": 1, zone: "Europe/Moscow"},
        "received_at": "2026-11-24T10:00:00.9999999Z",
        "events": [{"type": "good.removed", "at": "2026-11-24T23:59:59.9999999+03:00", "good_id": "g"}],
        "v": version,
    }
    read = decode(msgspec.json.encode(record))
    assert isinstance(read, UploadRecord)
    assert read.events[0].at.isoformat() == "2026-11-24T23:59:59.999999+03:00"
    assert read.received_at == datetime(2026, 11, 24, 10, 0, 0, 999_999, UTC)
