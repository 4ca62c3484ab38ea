"""Records read without decoding their events, each of which stays the text that it is in the record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from projections.runs.reading import Reading, finite, may_be_infinite, read, understood
from schemas.errors import RecordUnreadable
from schemas.log import LogRecord
from schemas.records import UploadRecord, decode, encode
from schemas.upcasting import READ_ALIKE, VERSION


class RawUpload(UploadRecord, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="upload"):
    """An upload whose events are text."""

    events: list[Raw]  # type: ignore[assignment]


_decoder = msgspec.json.Decoder(RawUpload)


def read_raw(record: LogRecord) -> Reading:
    """As `read`, but an upload of the present form is not decoded further than to its events' texts."""
    value = record.value or b""
    try:
        upload = _decoder.decode(value)
        if (upload.v == VERSION or upload.v in READ_ALIKE) and b'"v":' in value[-16:]:
            return understood(record, upload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError, ValueError, KeyError, OSError):
        pass  # the ordinary way finds out what is wrong, and says so
    return read(record)


def in_full(upload: RawUpload) -> UploadRecord:
    """The upload with its events decoded. Raises `RecordUnreadable`, also where an amount may be no finite number."""
    value = encode(upload)
    found = decode(value)
    assert isinstance(found, UploadRecord)  # it is tagged so
    if may_be_infinite(value) and not finite(found):
        raise RecordUnreadable("an amount that is not a finite number")
    return found


def decoded(upload: RawUpload, positions: Sequence[int]) -> list[Any]:
    """Some of its events, as they are decoded otherwise. Raises `RecordUnreadable`."""
    return in_full(replace(upload, events=[upload.events[position] for position in positions])).events
