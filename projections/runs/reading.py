"""A log record as far as it can be understood: its content, or at least whose it is and how many events it holds."""

from __future__ import annotations

import re
import traceback
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Struct

from projections.runs.state import RunId
from schemas.errors import RecordUnreadable
from schemas.limits import MAX_SEQ
from schemas.log import LogRecord
from schemas.records import (
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    Origin,
    Record,
    Unreadable,
    UploadRecord,
    decode,
    origin,
)
from schemas.wire import WireEvent

# `Decimal` takes these words for numbers; no gateway lets them in, and one would spoil every sum it meets.
_NOT_FINITE = re.compile(rb'"[+-]?(?:s?nan[0-9]*|inf(?:inity)?)"')


class Reading(Struct, frozen=True):
    """`content` is None and `fault` a traceback where the record can't be read; `run` is None where it has none."""

    record: LogRecord
    outlet: str | None
    run: RunId | None
    first_seq: int
    count: int
    content: Record | None
    fault: str


def read(record: LogRecord) -> Reading:
    """Decodes a record; raises nothing."""
    try:
        content = decode(record.value)
        if isinstance(content, UploadRecord) and may_be_infinite(record.value or b"") and not finite(content):
            raise ValueError("an amount that is not a finite number")
        if not isinstance(content, Unreadable):
            return understood(record, content)
        fault = content.reason
    except (RecordUnreadable, ValueError, KeyError, OSError) as exc:  # the last three from UUID and ZoneInfo
        content, fault = None, "".join(traceback.format_exception(exc))
    said = origin(record.headers, record.key)
    return Reading(
        record,
        outlet=said.outlet if _is_uuid(said.outlet) else None,
        run=claimed_run(said),
        first_seq=said.first_seq,
        count=said.count,
        content=content,
        fault=fault,
    )


def claimed_run(said: Origin) -> RunId | None:
    """The run that a record's headers claim to hold events of; None where that is no run at all."""
    known = said.first_seq > 0 < said.count and said.first_seq + said.count - 1 <= MAX_SEQ
    known = known and _is_uuid(said.outlet) and _is_uuid(said.till) and _is_uuid(said.run)
    return (said.outlet, said.till, said.run) if known else None


def count(record: LogRecord) -> tuple[str, int]:
    """Whose events a record holds, and how many, as its headers say; where those say no run, as its content does."""
    said = origin(record.headers, record.key)
    if claimed_run(said):
        return said.outlet, said.count
    reading = read(record)
    return (reading.run[0], reading.count) if reading.run else ("", 0)


def run_id(record: UploadRecord | GapGivenUp | EventsDiscarded) -> RunId:
    """The run that a record is about."""
    return record.outlet, record.till, record.run


def understood(record: LogRecord, content: Record) -> Reading:
    """The reading of a decoded record whose ids, numbers and zone are of the known form; raises `ValueError` else."""
    if isinstance(content, LogAdopted):
        return Reading(record, None, None, 0, 0, content, "")
    run, first, last, count = None, 0, 0, 0
    ids = [content.outlet]
    if isinstance(content, UploadRecord | GapGivenUp | EventsDiscarded):
        ids += [content.till, content.run]
        run, first = run_id(content), content.first_seq
        if isinstance(content, UploadRecord):
            count = len(content.events)
            last = first + count - 1
        else:
            last = content.last_seq
        if not 1 <= first <= last <= MAX_SEQ:
            raise ValueError(f"numbers {first}..{last}")
    if not all(map(_is_uuid, ids)):  # in another spelling it would count as another run
        raise ValueError("an id that is no UUID in its plain form")
    said = origin(record.headers, record.key)
    if said.count and (said.outlet, said.till, said.run, said.first_seq, said.count) != (*(run or ids), first, count):
        raise ValueError(f"the headers claim {said.count} events from {said.first_seq} on of run {said.run}")
    if not isinstance(content, UploadRecord):
        if b"\\u0000" in (record.value or b""):
            raise ValueError("a text with U+0000, which PostgreSQL can't hold")
    else:
        ZoneInfo(content.zone)
    return Reading(record, content.outlet, run, first, count, content, "")


def may_be_infinite(value: bytes) -> bool:
    """A quick no for nearly every record: the regular expression alone would cost half as much as decoding."""
    lower = value.lower()
    return (b"nan" in lower or b"inf" in lower) and _NOT_FINITE.search(lower) is not None


def finite(upload: UploadRecord) -> bool:
    """Whether the upload survives a check of each amount: numbers only, in the documents' plain form."""
    try:
        msgspec.convert(msgspec.to_builtins(upload.events), list[WireEvent])
    except msgspec.ValidationError:
        return False
    return True


@lru_cache(maxsize=65_536)  # of outlets, tills and runs: the same ones come again and again
def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
