"""Counts of stock: each known by its till, good, warehouse and moment. The first one stands."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance
from schemas.events import StockCounted


class CountRow(Struct, frozen=True, gc=False):
    """The stock of a good in a warehouse as it was counted."""

    outlet_id: Uuid
    good_id: str
    warehouse_id: str
    at: datetime
    till_id: Uuid
    quantity: Decimal
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    received_at: datetime
    applied_no: Bigint


def count_row(event: StockCounted, provenance: Provenance, applied_no: int, received_at: datetime) -> CountRow:
    return CountRow(
        outlet_id=provenance.outlet,
        good_id=event.good_id,
        warehouse_id=event.warehouse_id,
        at=event.at,
        till_id=provenance.till,
        quantity=event.quantity,
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        received_at=received_at,
        applied_no=applied_no,
    )


COUNTS = Documents(
    "counts",
    version=1,
    event=StockCounted,
    id=("good_id", "warehouse_id", "at"),
    row=CountRow,
    make=count_row,
    first_stands=True,
)
