"""Moments as tills write them, brought to what every part of the service can hold.

Digits of a second beyond the sixth are cut, not rounded: 23:59:59.9999999 is still this day. msgspec rounds, so they
are cut from the text before it is read. PostgreSQL takes offsets within ±15:59: an upload with a greater one is
refused, and a record that holds one, from before that was so, is read at the same moment in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from typing import Any

from msgspec.structs import replace

OFFSET_MAX = timedelta(hours=15, minutes=59)

_seven_digits = re.compile(rb"\.[0-9]{7}").search
_TOO_FINE = re.compile(r"([Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6})[0-9]+")
_zone_of = attrgetter("at.tzinfo")
_fraction_of = attrgetter("at.microsecond")


def maybe_too_fine(document: bytes, events: Sequence[Any] | None = None) -> bool:
    """Whether JSON may hold a moment with more than six digits of a second; also where its characters are escaped.

    `events` are those read from it, where all of its moments are theirs. Looking at them spares a search of the whole
    text: digits that came to no fraction were zeros, or nines that were rounded up.
    """
    if holds(document, b"\\u00") and (b"\\u003" in document or b"\\u002" in document):
        return True
    if events is not None and not any(map(_fraction_of, events)) and b".999999" not in document:
        return False
    return _seven_digits(document) is not None


def holds(document: bytes, escape: bytes) -> bool:
    """Whether an escape stands in JSON. Nearly all JSON has no backslash at all, which is found out much sooner."""
    return b"\\" in document and escape in document


def with_moments_cut(document: Any) -> Any:
    """An upload or a record as decoded JSON, with its moments cut to microseconds."""
    match document:
        case {"events": list() as events}:
            return {name: _cut(value) for name, value in document.items()} | {"events": [_event(one) for one in events]}
        case dict():
            return {name: _cut(value) for name, value in document.items()}
        case _:
            return document


def writable(at: datetime) -> bool:
    """Whether the moment's offset is one that can be written everywhere."""
    offset = at.utcoffset()
    return offset is not None and abs(offset) <= OFFSET_MAX


def all_writable(events: Sequence[Any]) -> bool:
    """Whether the offset of each event is; of hundreds of events nearly all have one offset: it is looked at once."""
    return all(abs(zone.utcoffset(None)) <= OFFSET_MAX for zone in set(map(_zone_of, events)))


def with_offsets_writable(events: Sequence[Any]) -> Sequence[Any]:
    """The events, those with an offset that can't be written at the same moment in UTC."""
    if all_writable(events):
        return events
    return [one if writable(one.at) else replace(one, at=one.at.astimezone(UTC)) for one in events]


def _event(value: Any) -> Any:
    return {**value, "at": _cut(value["at"])} if isinstance(value, dict) and "at" in value else value


def _cut(value: Any) -> Any:
    return _TOO_FINE.sub(r"\1", value) if isinstance(value, str) else value
