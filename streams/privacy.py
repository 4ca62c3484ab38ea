"""What of a log record may be kept for ever: its events as `schemas.events.minimising` leaves them, no contact data.

Pure and idempotent.
"""

from __future__ import annotations

import re
from typing import assert_never

from msgspec.structs import replace

from schemas.events.minimising import minimised as minimised_events
from schemas.private import REMOVED, scrubbed
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    LogAdopted,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
)

# What a message quotes, unless it looks like a field or kind of our own, or like a place in the document.
_QUOTED = re.compile(r"([`'\"])(?![\w.$\[\]-]{1,60}\1).*?\1", re.ASCII | re.DOTALL)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def minimised(record: Record) -> Record:
    """The record as it goes into `events`."""
    match record:
        case UploadRecord():
            return replace(record, events=minimised_events(record.events))
        case GapGivenUp() | EventsDiscarded() | Unreadable() | LogAdopted():
            return replace(record, reason=scrubbed(record.reason))
        case ContactForgotten() | OutletRemoved():
            return record
        case _:
            assert_never(record)


def publishable(fault: str) -> str:
    """Why a record can't be read, without what stood in it: the message may quote a key or a tag of the document."""
    return _NOT_ASCII.sub(REMOVED, _QUOTED.sub(REMOVED, scrubbed(fault)))[:500]
