"""Stock per good and warehouse: the last count + moves − sold + returned after it, in the order of application.

A document that replaces an earlier one keeps the earlier one's place in that order: where a count was applied since,
the count has already seen the goods, and the stock is left alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from projections.models.changes import MoveChange, Place, ReturnChange, SaleChange
from projections.models.rows import ReturnRow, SaleRow, StockRow
from projections.models.table import Table
from schemas.events import MAIN_WAREHOUSE, StockCounted

Shelf = tuple[str, str]
"""(good id, warehouse id)"""


def fold_sale(stock: Table[StockRow], change: SaleChange) -> None:
    sale = change.new
    for line in sale.lines:
        row = stock.open((sale.outlet_id, line.good_id, line.warehouse_id or MAIN_WAREHOUSE), StockRow)
        if row.counted_no < sale.applied_no:
            row.quantity -= line.quantity
    for (good, warehouse), quantity in sold(change.old, 1):
        _add(stock, sale.outlet_id, good, warehouse, quantity, sale.applied_no)


def fold_return(stock: Table[StockRow], change: ReturnChange) -> None:
    for (good, warehouse), quantity in sold(change.new, 1):
        _add(stock, change.new.outlet_id, good, warehouse, quantity, change.new.applied_no)
    for (good, warehouse), quantity in sold(change.old, -1):
        _add(stock, change.new.outlet_id, good, warehouse, quantity, change.new.applied_no)


def fold_move(stock: Table[StockRow], change: MoveChange) -> None:
    new, old = change.new, change.old
    _add(stock, new.outlet_id, new.good_id, new.warehouse_id, new.quantity, new.applied_no)
    if old:
        _add(stock, old.outlet_id, old.good_id, old.warehouse_id, -old.quantity, new.applied_no)


def fold_count(stock: Table[StockRow], counted: StockCounted, place: Place) -> None:
    row = stock.open((place.outlet, counted.good_id, counted.warehouse_id), StockRow)
    row.quantity, row.counted_no = counted.quantity, place.applied_no


def sold(document: SaleRow | ReturnRow | None, sign: int) -> Iterable[tuple[Shelf, Decimal]]:
    """The shelves that a document touches with its signed quantities; none for no document."""
    if document is None:
        return
    for line in document.lines:
        yield (line.good_id, line.warehouse_id or MAIN_WAREHOUSE), sign * line.quantity


def _add(stock: Table[StockRow], outlet: str, good: str, warehouse: str, quantity: Decimal, applied_no: int) -> None:
    row = stock.open((outlet, good, warehouse), StockRow)
    if row.counted_no < applied_no:
        row.quantity += quantity
