"""Which rows a batch needs: first the documents it may replace, then every row that those and its events touch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from projections.models.changes import local_time
from projections.models.readmodels import ReadModels
from projections.models.rows import MoveRow, ReturnRow, SaleRow
from projections.models.stock import sold
from projections.models.table import Key
from schemas.events import (
    MAIN_WAREHOUSE,
    ContactRemoved,
    ContactSaved,
    GoodRemoved,
    GoodSaved,
    Payment,
    Refund,
    SaleRegistered,
    SaleReturned,
    StockCounted,
    StockMoved,
)
from schemas.records import ContactForgotten, UploadRecord

Keys = dict[str, set[Key]]
"""table name → primary keys"""


def documents(uploads: Iterable[UploadRecord]) -> Keys:
    """The keys of the sales, returns and moves that a batch brings."""
    keys: Keys = {"sales": set(), "returns": set(), "moves": set()}
    for upload in uploads:
        for event in upload.events:
            match event:
                case SaleRegistered():
                    keys["sales"].add((upload.outlet, event.sale_id, upload.till))
                case SaleReturned():
                    keys["returns"].add((upload.outlet, event.return_id, upload.till))
                case StockMoved():
                    keys["moves"].add((upload.outlet, event.move_id, upload.till))
                case _:
                    pass
    return keys


def contacts(uploads: Iterable[UploadRecord]) -> set[Key]:
    """The keys of the contacts that a batch brings."""
    return {
        (upload.outlet, event.contact_id)
        for upload in uploads
        for event in upload.events
        if isinstance(event, ContactSaved)
    }


def replaced(uploads: Iterable[UploadRecord], forgotten: Iterable[ContactForgotten]) -> Keys:
    """The keys of the rows that are written anew whole, not added to, apart from documents and stock."""
    keys: Keys = {name: set() for name in ("outlet_totals", "goods", "contacts", "forgotten")}
    for upload in uploads:
        keys["outlet_totals"].add((upload.outlet,))
        for event in upload.events:
            match event:
                case GoodSaved() | GoodRemoved():
                    keys["goods"].add((upload.outlet, event.good_id))
                case ContactSaved() | ContactRemoved():
                    keys["contacts"].add((upload.outlet, event.contact_id))
                    keys["forgotten"].add((upload.outlet, event.contact_id))
                case _:
                    pass
    keys["contacts"].update((record.outlet, record.contact_id) for record in forgotten)
    return keys


def counts_matter(uploads: Iterable[UploadRecord], stored: ReadModels) -> bool:
    """Whether stock can be more than added to: where a count is taken, or a document is replaced (`stored`)."""
    return bool(stored.sales or stored.returns or stored.moves) or any(
        isinstance(event, StockCounted) for upload in uploads for event in upload.events
    )


def shelves(uploads: Iterable[UploadRecord], stored: ReadModels) -> set[Key]:
    """The keys of the stock that a batch moves or counts."""
    keys = {
        (upload.outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE)
        for upload in uploads
        for event in upload.events
        if isinstance(event, SaleRegistered | SaleReturned)
        for line in event.lines
    }
    keys |= {
        (upload.outlet, event.good_id, event.warehouse_id)
        for upload in uploads
        for event in upload.events
        if isinstance(event, StockCounted | StockMoved)
    }
    for document in _documents(stored):
        keys |= _shelves_of(document)
    return keys


def touched(uploads: Iterable[UploadRecord], forgotten: Iterable[ContactForgotten], stored: ReadModels) -> Keys:
    """The keys of all other rows: those of the events, and those of the `stored` documents they replace."""
    uploads = list(uploads)
    return {**replaced(uploads, forgotten), "stock": shelves(uploads, stored), **_figures(uploads, stored)}


def _figures(uploads: Iterable[UploadRecord], stored: ReadModels) -> Keys:
    """The keys of the figures of days: of the events, and of the `stored` receipts that they replace."""
    keys: Keys = {"daily": set(), "hourly": set(), "payments": set()}

    def add(outlet: str, day: date, hour: int, paid: Iterable[Payment | Refund]) -> None:
        keys["daily"].add((outlet, day))
        keys["hourly"].add((outlet, day, hour))
        keys["payments"].update((outlet, day, payment.method) for payment in paid)
        keys["payments"].add((outlet, day, "cash"))  # change comes off it

    for upload in uploads:
        for event in upload.events:
            if isinstance(event, SaleRegistered | SaleReturned):
                local = local_time(event.at, upload.zone)
                add(upload.outlet, local.date(), local.hour, _paid(event))
    for document in _documents(stored):
        if not isinstance(document, MoveRow):
            add(document.outlet_id, document.day, document.hour, _paid(document))
    return keys


def _paid(receipt: SaleRegistered | SaleReturned | SaleRow | ReturnRow) -> Sequence[Payment | Refund]:
    return receipt.payments if isinstance(receipt, SaleRegistered | SaleRow) else receipt.refunds


def _documents(stored: ReadModels) -> Iterator[SaleRow | ReturnRow | MoveRow]:
    yield from stored.sales.rows()
    yield from stored.returns.rows()
    yield from stored.moves.rows()


def _shelves_of(document: SaleRow | ReturnRow | MoveRow) -> set[Key]:
    if isinstance(document, MoveRow):
        return {(document.outlet_id, document.good_id, document.warehouse_id)}
    return {(document.outlet_id, good, warehouse) for (good, warehouse), _ in sold(document, 1)}
