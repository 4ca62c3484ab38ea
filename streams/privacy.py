"""What of a record may be kept for ever: names of people shortened, e-mails and phone numbers out of every text.

Pure and idempotent. This is minimisation, not anonymity: «Фамилия И.О.» still points at a person (docs/privacy.md).
"""

from __future__ import annotations

import re
from typing import assert_never

from msgspec.structs import replace

from schemas.cashiers import shorten_cashier
from schemas.events import (
    ContactRemoved,
    ContactSaved,
    Event,
    EventWithdrawn,
    GoodRemoved,
    GoodSaved,
    SaleRegistered,
    SaleReturned,
    StockCounted,
    StockMoved,
    WarehouseSaved,
)
from schemas.names import shorten
from schemas.private import REMOVED, scrubbed
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
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
            return replace(record, events=[minimised_event(event) for event in record.events])
        case GapGivenUp() | EventsDiscarded() | Unreadable():
            return replace(record, reason=scrubbed(record.reason))
        case ContactForgotten() | OutletRemoved():
            return record
        case _:
            assert_never(record)


def publishable(fault: str) -> str:
    """Why a record can't be read, without what stood in it: the message may quote a key or a tag of the document."""
    return _NOT_ASCII.sub(REMOVED, _QUOTED.sub(REMOVED, scrubbed(fault)))[:500]


def minimised_event(event: Event) -> Event:
    """Ids, barcodes and numbers stay as they are: a barcode may well look like a phone number."""
    match event:
        case SaleRegistered():
            lines = [replace(line, name=scrubbed(line.name)) for line in event.lines]
            cashier = None if event.cashier is None else shorten_cashier(scrubbed(event.cashier))
            return replace(event, lines=lines, cashier=cashier)
        case GoodSaved():
            extra = [replace(field, name=scrubbed(field.name), value=scrubbed(field.value)) for field in event.extra]
            return replace(event, name=scrubbed(event.name), category=scrubbed(event.category), extra=extra)
        case WarehouseSaved():
            return replace(event, name=scrubbed(event.name))
        case ContactSaved():
            return replace(event, name=shorten(scrubbed(event.name)))
        case EventWithdrawn():
            return replace(event, reason=scrubbed(event.reason))
        case SaleReturned() | GoodRemoved() | StockCounted() | StockMoved() | ContactRemoved():
            return event
        case _:
            assert_never(event)
