"""Which rows a batch reads: first the documents it may replace, then every other row that a fold looks at.

Sums (daily, hourly, payments) are not among them: they are added to, whatever is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

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
    """The keys of all other rows that are read: of the events, and of the `stored` documents that they replace."""
    uploads = list(uploads)
    return {**replaced(uploads, forgotten), "stock": shelves(uploads, stored)}


def _documents(stored: ReadModels) -> Iterator[SaleRow | ReturnRow | MoveRow]:
    yield from stored.sales.rows()
    yield from stored.returns.rows()
    yield from stored.moves.rows()


def _shelves_of(document: SaleRow | ReturnRow | MoveRow) -> set[Key]:
    if isinstance(document, MoveRow):
        return {(document.outlet_id, document.good_id, document.warehouse_id)}
    return {(document.outlet_id, good, warehouse) for (good, warehouse), _ in sold(document, 1)}
