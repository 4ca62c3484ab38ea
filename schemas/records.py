"""Records of the log: what stands in `uploads` and `events`, its encoding and its headers.

A record is one JSON document whose field `v` is the version of the encoding; a batch of up to 500 events is one
record. `decode` upcasts older versions and raises `RecordUnreadable` for anything it does not fully understand. The
headers repeat who and how many, so that a record which can't be decoded is still counted and its run known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from schemas.errors import RecordUnreadable
from schemas.events import Event
from schemas.moments import maybe_too_fine, with_moments_cut, with_offsets_writable
from schemas.upcasting import READ_ALIKE, VERSION, upcast

Headers = list[tuple[str, bytes]]


class UploadRecord(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="upload"):
    """A till's batch: events `first_seq`, `first_seq`+1, … of a run.

    `zone` is the outlet's IANA time zone, `day_begins` the hour (0 to 12) at which its days begin. `imported`: an
    importer made the till for itself; only then is it written.
    """

    outlet: str
    till: str
    run: str
    first_seq: int
    zone: str
    received_at: datetime
    events: list[Event]
    day_begins: int = 0
    imported: bool | UnsetType = UNSET
    v: int = VERSION


class _OfNumbers(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    """A decision about the events `first_seq`..`last_seq` of a run."""

    outlet: str
    till: str
    run: str
    first_seq: int
    last_seq: int
    reason: str
    decided_at: datetime
    v: int = VERSION


class GapGivenUp(_OfNumbers, frozen=True, tag="gap.given_up"):
    """The events `first_seq`..`last_seq` of a run will never come; what waits behind them is applied."""


class EventsDiscarded(_OfNumbers, frozen=True, tag="events.discarded"):
    """The quarantined events `first_seq`..`last_seq` of a run are given up, for the reason given."""


class ContactForgotten(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="contact.forgotten"):
    """A contact asked to be forgotten: its name is erased, in every replay as well."""

    outlet: str
    contact_id: str
    decided_at: datetime
    v: int = VERSION


class OutletRemoved(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="outlet.removed"):
    """The owner removed the outlet: its rows leave the read models, its history stays in the log."""

    outlet: str
    decided_at: datetime
    v: int = VERSION


class Unreadable(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="unreadable"):
    """A stub that `anonymise` writes in the place of an intake record it could not read."""

    outlet: str
    till: str
    run: str
    first_seq: int
    count: int
    source_offset: int
    reason: str
    v: int = VERSION


class LogAdopted(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="log.adopted"):
    """An operator decided that work goes on with a log that was replaced, was cut short or has a hole.

    It stands in `events`, in the partition it is about; no outlet's events are in it. `fault` is what was wrong with
    `topic`: offset `was_next` of the topic with the id `was_id` came next, while the one with `topic_id` held `start`
    up to `end`. From here on, copying goes on at offset `source_next` of the `uploads` with the id `source_id`.
    """

    topic: str
    partition: int
    fault: str
    was_id: str
    was_next: int
    topic_id: str
    start: int
    end: int
    source_id: str
    source_next: int
    reason: str
    decided_at: datetime
    v: int = VERSION


OutletRecord = UploadRecord | GapGivenUp | EventsDiscarded | ContactForgotten | OutletRemoved | Unreadable
"""A record about one outlet."""
Record = OutletRecord | LogAdopted

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Record] = msgspec.json.Decoder(Record)


class Origin(Struct, frozen=True):
    """What a record's headers say: enough to count it and to know its run without decoding it."""

    kind: str
    outlet: str
    till: str
    run: str
    first_seq: int
    count: int
    source_offset: int = -1
    source_topic_id: str = ""
    """Of the topic that `source_offset` counts in; empty in records from before ids were kept."""


def encode(record: Record) -> bytes:
    """The record as bytes for the log."""
    return _encoder.encode(record)


def encode_upload(
    *,
    outlet: str,
    till: str,
    run: str,
    first_seq: int,
    zone: str,
    received_at: datetime,
    wire_events: Sequence[Any],
    day_begins: int = 0,
    imported: bool = False,
) -> bytes:
    """An `UploadRecord` as bytes, from events in wire form, as the gateway validated them: their text goes in as is."""
    return _encoder.encode(
        {
            "kind": "upload",
            "outlet": outlet,
            "till": till,
            "run": run,
            "first_seq": first_seq,
            "zone": zone,
            "received_at": received_at,
            "events": wire_events,
            "day_begins": day_begins,
            **({"imported": True} if imported else {}),
            "v": VERSION,
        }
    )


def decode(value: bytes | None) -> Record:
    """The record, upcast to the present version. Raises `RecordUnreadable` and nothing else, whatever the bytes."""
    try:
        record = _decoder.decode(value or b"")
        # Left out, it would be taken for the present one. It is written last; elsewhere, the slow way finds it.
        known = record.v == VERSION or record.v in READ_ALIKE
        events = record.events if type(record) is UploadRecord else None
        if known and b'"v":' in (value or b"")[-16:] and not maybe_too_fine(value or b"", events):
            return _writable(record if record.v == VERSION else replace(record, v=VERSION))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError):
        pass  # an older version, or broken: the slow way finds out which, and says why
    try:
        document = with_moments_cut(msgspec.json.decode(value or b""))
        upcasted: Record = msgspec.convert(upcast(document), Record)
        return _writable(upcasted)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, ValueError) as exc:
        raise RecordUnreadable(f"{type(exc).__name__}: {exc}") from exc


def _writable(record: Record) -> Record:
    """The record with moments that PostgreSQL can hold: older gateways took offsets of ±16:00 and more."""
    if type(record) is not UploadRecord or (events := with_offsets_writable(record.events)) is record.events:
        return record
    return replace(record, events=list(events))


def headers(
    *,
    kind: str,
    outlet: str,
    till: str = "",
    run: str = "",
    first_seq: int = 0,
    count: int = 0,
    source_offset: int = -1,
) -> Headers:
    """The headers of a record; see `Origin`."""
    written: Headers = [("kind", kind.encode()), ("outlet", outlet.encode())]
    if run:
        written += [
            ("till", till.encode()),
            ("run", run.encode()),
            ("first_seq", b"%d" % first_seq),
            ("count", b"%d" % count),
        ]
    if source_offset >= 0:
        written.append(("source_offset", b"%d" % source_offset))
    return written


def origin(headers: Sequence[tuple[str, bytes]] | Mapping[str, bytes] | None, key: bytes | None = None) -> Origin:
    """What the headers say. Missing or broken ones give empty values; the outlet then comes from the record's key."""
    values = dict(headers or ())

    def text(name: str) -> str:
        return (values.get(name) or b"").decode("utf-8", "replace")

    return Origin(
        kind=text("kind"),
        outlet=text("outlet") or (key or b"").decode("utf-8", "replace"),
        till=text("till"),
        run=text("run"),
        first_seq=_number(values.get("first_seq"), 0),
        count=_number(values.get("count"), 0),
        source_offset=_number(values.get("source_offset"), -1),
        source_topic_id=text("source_topic_id"),
    )


def claimed_events(headers: Sequence[tuple[str, bytes]]) -> int:
    """How many events a record holds, as its headers say; 0 where they don't."""
    return _number(dict(headers).get("count"), 0)


def _number(raw: bytes | None, otherwise: int) -> int:
    """Digits only: `int` would take signs, spaces and underscores as well."""
    return int(raw) if raw and raw.isdigit() and len(raw) <= 18 else otherwise
