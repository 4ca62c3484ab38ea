"""What moved a good's stock in a warehouse, by effective day in UTC: sold, returned and moved otherwise, signed.

Only lines of kind `good` move stock. A count that comes late reads from here what moved on the days after it
(`projections.kinds.levels`). The day is UTC's, not the outlet's: it only cuts time into parts, which are the same ones
whatever a document's record says of zones.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.levels import moment
from projections.kinds.sums import Source, Sums
from projections.models.moves import MOVES, MoveRow
from projections.models.positions import moves_stock
from projections.models.returns import RETURNS, ReturnRow
from projections.models.sales import SALES, SaleRow
from schemas.events import MAIN_WAREHOUSE


class Moved(Struct, frozen=True, gc=False):
    """What one line of a document did to a good's stock in a warehouse, and when it counts as having done so."""

    outlet_id: Uuid
    good_id: str
    warehouse_id: str
    effective_day: date
    quantity: Decimal
    effective_at: datetime
    applied_no: Bigint


def sold(sale: SaleRow) -> list[Moved]:
    at = moment(sale.at, sale.received_at)
    outlet, day, number = sale.outlet_id, at.date(), sale.applied_no
    return [
        Moved(outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, day, -line.quantity, at, number)
        for line in sale.lines
        if moves_stock(line)
    ]


def returned(back: ReturnRow) -> list[Moved]:
    at = moment(back.at, back.received_at)
    outlet, day, number = back.outlet_id, at.date(), back.applied_no
    return [
        Moved(outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, day, line.quantity, at, number)
        for line in back.lines
        if moves_stock(line)
    ]


def moved(move: MoveRow) -> tuple[Moved]:
    at = moment(move.at, move.received_at)
    return (Moved(move.outlet_id, move.good_id, move.warehouse_id, at.date(), move.quantity, at, move.applied_no),)


MOVED = Sums(
    "moved",
    version=1,
    sources=(Source(SALES, Moved, sold), Source(RETURNS, Moved, returned), Source(MOVES, Moved, moved)),
    key=("outlet_id", "good_id", "warehouse_id", "effective_day"),
    sums=("quantity",),
)
