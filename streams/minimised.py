"""What of a record may be kept for ever: names of people shortened, e-mails and phone numbers out of every text.

Pure and idempotent. This is minimisation, not anonymity: «Фамилия И.О.» still points at a person (docs/privacy.md).
"""

from __future__ import annotations

from typing import assert_never

from msgspec.structs import replace

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
from schemas.private import scrubbed
from schemas.records import (
    ContactForgotten,
    EventsDiscarded,
    GapGivenUp,
    OutletRemoved,
    Record,
    Unreadable,
    UploadRecord,
)


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


def minimised_event(event: Event) -> Event:
    """Ids, barcodes and numbers stay as they are: a barcode may well look like a phone number."""
    match event:
        case SaleRegistered():
            lines = [replace(line, name=scrubbed(line.name)) for line in event.lines]
            cashier = None if event.cashier is None else shorten(scrubbed(event.cashier))
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
