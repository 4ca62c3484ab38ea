"""Stock per good and warehouse: the greatest count + moves − sold + returned later than it, by effective time.

Whatever arrived first: a document that comes late, again or changed moves the stock at its own time, and not where a
count has seen it already.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.levels import Levels
from projections.models.counts import COUNTS
from projections.models.moved import MOVED
from schemas.amounts import ZERO
from schemas.events import MAIN_WAREHOUSE, SaleRegistered, SaleReturned, StockCounted, StockMoved

Shelf = tuple[str, str]
"""(good id, warehouse id)"""


class StockRow(Struct, gc=False):
    """Stock of a good in a warehouse, the count in force, and the latest time at which anything moved it."""

    outlet_id: Uuid
    good_id: str
    warehouse_id: str
    quantity: Decimal = ZERO
    counted_at: datetime | None = None
    counted_no: Bigint = 0
    moved_at: datetime | None = None


def _of_lines(document: SaleRegistered | SaleReturned) -> Iterable[Shelf]:
    return ((line.good_id, line.warehouse_id or MAIN_WAREHOUSE) for line in document.lines)


def _of_one(event: StockMoved | StockCounted) -> Iterable[Shelf]:
    return ((event.good_id, event.warehouse_id),)


STOCK = Levels(
    "stock",
    version=2,
    row=StockRow,
    counts=COUNTS,
    moved=MOVED,
    keys={SaleRegistered: _of_lines, SaleReturned: _of_lines, StockMoved: _of_one, StockCounted: _of_one},
)
