"""Moves: stock that came or left otherwise than by a sale."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.documents import Documents
from projections.kinds.provenance import Provenance, local_day
from projections.kinds.sums import Source
from schemas.events import StockMoved


class MoveRow(Struct, frozen=True, gc=False):
    """A stock movement other than a sale; `quantity` is signed."""

    outlet_id: Uuid
    move_id: str
    till_id: Uuid
    good_id: str
    warehouse_id: str
    quantity: Decimal
    reason: str
    at: datetime
    day: date
    run: Uuid
    seq: Bigint
    log_offset: Bigint
    received_at: datetime
    applied_no: Bigint


def move_row(event: StockMoved, provenance: Provenance, applied_no: int, received_at: datetime) -> MoveRow:
    """The row of a movement, with its local day."""
    return MoveRow(
        outlet_id=provenance.outlet,
        move_id=event.move_id,
        till_id=provenance.till,
        good_id=event.good_id,
        warehouse_id=event.warehouse_id,
        quantity=event.quantity,
        reason=event.reason,
        at=event.at,
        day=local_day(event.at, provenance),
        run=provenance.run,
        seq=provenance.seq,
        log_offset=provenance.log_offset,
        received_at=received_at,
        applied_no=applied_no,
    )


MOVES = Documents("moves", version=2, event=StockMoved, id="move_id", row=MoveRow, make=move_row)


class Movement(Struct, frozen=True, gc=False):
    """One movement in figures."""

    outlet_id: Uuid
    day: date
    good_id: str
    warehouse_id: str
    reason: str
    moves: int
    moved_quantity: Decimal


def movement(row: MoveRow) -> tuple[Movement]:
    return (Movement(row.outlet_id, row.day, row.good_id, row.warehouse_id, row.reason, 1, row.quantity),)


MOVEMENTS = Source(MOVES, Movement, movement)
