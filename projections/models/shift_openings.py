"""Openings of shifts. What a shift took is in `shift_sums` and `shift_payments`, its end in `shift_closings`.

A shift is known by outlet, till and its id; its parts come in any order and are joined by who reads.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_day
from schemas.events import ShiftOpened


class ShiftOpeningRow(Struct, frozen=True, gc=False):
    """The beginning of a shift; `cash` is what lay in the drawer."""

    outlet_id: Uuid
    shift_id: str
    till_id: Uuid
    number: str
    cash: Decimal
    cashier: str | None
    cashier_id: str | None
    at: datetime
    day: date
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    received_at: datetime
    applied_no: Bigint


def shift_opening_row(
    event: ShiftOpened, provenance: Provenance, applied_no: int, received_at: datetime
) -> ShiftOpeningRow:
    """The row of an opening, with its local day."""
    return ShiftOpeningRow(
        outlet_id=provenance.outlet,
        shift_id=event.shift_id,
        till_id=provenance.till,
        number=event.number,
        cash=event.cash,
        cashier=event.cashier,
        cashier_id=event.cashier_id,
        at=event.at,
        day=local_day(event.at, provenance),
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        received_at=received_at,
        applied_no=applied_no,
    )


SHIFT_OPENINGS = Documents(
    "shift_openings", version=1, event=ShiftOpened, id="shift_id", row=ShiftOpeningRow, make=shift_opening_row
)
