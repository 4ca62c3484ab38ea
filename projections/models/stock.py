"""Stock per good and warehouse: the last count + moves − sold + returned after it, in the order of application.

A document that replaces an earlier one keeps the earlier one's turn in that order: where a count was applied since, the
count has already seen the goods, and the stock is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import Of, On, States
from projections.kinds.table import Table
from projections.models.moves import MOVES, MoveRow
from projections.models.returns import RETURNS, ReturnRow
from projections.models.sales import SALES, SaleRow
from schemas.amounts import ZERO
from schemas.events import MAIN_WAREHOUSE, SaleRegistered, SaleReturned, StockCounted, StockMoved

Shelf = tuple[str, str]
"""(good id, warehouse id)"""


class StockRow(Struct, gc=False):
    """Stock of a good in a warehouse; `counted_no` is the `applied_no` of its last count, 0 before the first."""

    outlet_id: Uuid
    good_id: str
    warehouse_id: str
    quantity: Decimal = ZERO
    counted_no: Bigint = 0


def sold(stock: Table[StockRow], old: SaleRow | None, new: SaleRow) -> None:
    outlet, turn = new.outlet_id, new.applied_no
    for line in new.lines:
        row = stock.open((outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE), StockRow)
        if row.counted_no < turn:
            row.quantity -= line.quantity
    for line in old.lines if old else ():
        _add(stock, outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, line.quantity, turn)


def returned(stock: Table[StockRow], old: ReturnRow | None, new: ReturnRow) -> None:
    outlet, turn = new.outlet_id, new.applied_no
    for line in new.lines:
        _add(stock, outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, line.quantity, turn)
    for line in old.lines if old else ():
        _add(stock, outlet, line.good_id, line.warehouse_id or MAIN_WAREHOUSE, -line.quantity, turn)


def moved(stock: Table[StockRow], old: MoveRow | None, new: MoveRow) -> None:
    _add(stock, new.outlet_id, new.good_id, new.warehouse_id, new.quantity, new.applied_no)
    if old:
        _add(stock, old.outlet_id, old.good_id, old.warehouse_id, -old.quantity, new.applied_no)


def counted(old: StockRow | None, event: StockCounted, provenance: Provenance) -> StockRow:
    return StockRow(provenance.outlet, event.good_id, event.warehouse_id, event.quantity, provenance.applied_no)


def _add(stock: Table[StockRow], outlet: str, good: str, warehouse: str, quantity: Decimal, turn: int) -> None:
    row = stock.open((outlet, good, warehouse), StockRow)
    if row.counted_no < turn:
        row.quantity += quantity


def _of_lines(document: SaleRegistered | SaleReturned | SaleRow | ReturnRow) -> Iterable[Shelf]:
    return ((line.good_id, line.warehouse_id or MAIN_WAREHOUSE) for line in document.lines)


def _of_move(move: StockMoved | MoveRow) -> Iterable[Shelf]:
    return ((move.good_id, move.warehouse_id),)


def _of_count(event: StockCounted) -> Shelf:
    return event.good_id, event.warehouse_id


STOCK = States(
    "stock",
    version=1,
    row=StockRow,
    key=3,
    on=(On(StockCounted, _of_count, counted),),
    of=(Of(SALES, sold, _of_lines), Of(RETURNS, returned, _of_lines), Of(MOVES, moved, _of_move)),
    read_for=(StockCounted,),
)
