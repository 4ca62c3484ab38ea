"""What a shift took and gave back: per outlet, local day, shift and till. Documents that name no shift are left out.

`sales_sum` is Σ totals of sales and `returns_sum` Σ amounts of returns, as a Z-report says them; revenue is the day's.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.sums import Source, Sums
from projections.models.cash_moves import CASH_MOVES, CashMoveRow
from projections.models.returns import RETURNS, ReturnRow
from projections.models.sales import SALES, SaleRow


class ShiftSale(Struct, frozen=True, gc=False):
    """A sale of a shift."""

    outlet_id: Uuid
    day: date
    shift_id: str
    till_id: Uuid
    sales: int
    sales_sum: Decimal
    revenue: Decimal


class ShiftReturn(Struct, frozen=True, gc=False):
    """A return of a shift; what it takes off the revenue is negative."""

    outlet_id: Uuid
    day: date
    shift_id: str
    till_id: Uuid
    returns: int
    returns_sum: Decimal
    revenue: Decimal


class ShiftCash(Struct, frozen=True, gc=False):
    """Cash that was moved in a shift, signed."""

    outlet_id: Uuid
    day: date
    shift_id: str
    till_id: Uuid
    cash_moves: int
    moved_sum: Decimal


def sold(sale: SaleRow) -> tuple[ShiftSale, ...]:
    if sale.shift_id is None:
        return ()
    return (ShiftSale(sale.outlet_id, sale.day, sale.shift_id, sale.till_id, 1, sale.total, sale.revenue),)


def returned(row: ReturnRow) -> tuple[ShiftReturn, ...]:
    if row.shift_id is None:
        return ()
    return (ShiftReturn(row.outlet_id, row.day, row.shift_id, row.till_id, 1, row.amount, -row.revenue),)


def moved(row: CashMoveRow) -> tuple[ShiftCash, ...]:
    return (
        () if row.shift_id is None else (ShiftCash(row.outlet_id, row.day, row.shift_id, row.till_id, 1, row.amount),)
    )


SHIFT_SUMS = Sums(
    "shift_sums",
    version=1,
    sources=(
        Source(SALES, ShiftSale, sold),
        Source(RETURNS, ShiftReturn, returned),
        Source(CASH_MOVES, ShiftCash, moved),
    ),
    key=("outlet_id", "day", "shift_id", "till_id"),
    sums=("sales", "sales_sum", "revenue", "returns", "returns_sum", "cash_moves", "moved_sum"),
)
