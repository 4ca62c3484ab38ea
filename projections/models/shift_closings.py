"""Ends of shifts, with what was counted in the drawer and the sums of the till's own Z-report."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_day
from schemas.events import MethodTotal, ShiftClosed, ShiftTotals


class ShiftClosingRow(Struct, frozen=True):
    """The end of a shift; of `cash` and the Z-report's sums None what the till does not say."""

    outlet_id: Uuid
    shift_id: str
    till_id: Uuid
    number: str
    cash: Decimal | None
    cashier: str | None
    cashier_id: str | None
    totals_sales: Decimal | None
    totals_returns: Decimal | None
    totals_receipts: int | None
    totals_methods: list[MethodTotal]
    at: datetime
    day: date
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    received_at: datetime
    applied_no: Bigint


_NOTHING = ShiftTotals()


def shift_closing_row(
    event: ShiftClosed, provenance: Provenance, applied_no: int, received_at: datetime
) -> ShiftClosingRow:
    """The row of an end, with its local day."""
    totals = event.totals or _NOTHING
    return ShiftClosingRow(
        outlet_id=provenance.outlet,
        shift_id=event.shift_id,
        till_id=provenance.till,
        number=event.number,
        cash=event.cash,
        cashier=event.cashier,
        cashier_id=event.cashier_id,
        totals_sales=totals.sales,
        totals_returns=totals.returns,
        totals_receipts=totals.receipts,
        totals_methods=totals.by_method or [],
        at=event.at,
        day=local_day(event.at, provenance),
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        received_at=received_at,
        applied_no=applied_no,
    )


SHIFT_CLOSINGS = Documents(
    "shift_closings", version=1, event=ShiftClosed, id="shift_id", row=ShiftClosingRow, make=shift_closing_row
)
