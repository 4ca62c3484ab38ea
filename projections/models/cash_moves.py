"""Cash moves: money that came into a drawer or left it otherwise than by a receipt."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_day
from schemas.events import CashMoved


class CashMoveRow(Struct, frozen=True, gc=False):
    """A movement of cash; `amount` is positive where it came into the drawer."""

    outlet_id: Uuid
    cash_id: str
    till_id: Uuid
    shift_id: str | None
    amount: Decimal
    reason: str
    note: str | None
    at: datetime
    day: date
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    received_at: datetime
    applied_no: Bigint


def cash_move_row(event: CashMoved, provenance: Provenance, applied_no: int, received_at: datetime) -> CashMoveRow:
    """The row of a movement, with its local day."""
    return CashMoveRow(
        outlet_id=provenance.outlet,
        cash_id=event.cash_id,
        till_id=provenance.till,
        shift_id=event.shift_id,
        amount=event.amount,
        reason=event.reason,
        note=event.note,
        at=event.at,
        day=local_day(event.at, provenance),
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        received_at=received_at,
        applied_no=applied_no,
    )


CASH_MOVES = Documents("cash_moves", version=1, event=CashMoved, id="cash_id", row=CashMoveRow, make=cash_move_row)
