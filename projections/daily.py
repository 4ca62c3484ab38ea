"""Daily revenue: per outlet and local day the sales, their sums, and what was returned that day.

Revenue of a day = totals of its sales − amounts of the returns made that day (contract, 'Events').
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from projections.changes import ReturnChange, SaleChange
from projections.rows import DailyRow, ReturnRow, SaleRow
from projections.table import Table
from schemas.amounts import ZERO


def fold_sale(daily: Table[DailyRow], change: SaleChange) -> None:
    if change.old:
        _add_sale(daily, change.old, -1)
    _add_sale(daily, change.new, 1)


def fold_return(daily: Table[DailyRow], change: ReturnChange) -> None:
    if change.old:
        _add_return(daily, change.old, -1)
    _add_return(daily, change.new, 1)


def _add_sale(daily: Table[DailyRow], sale: SaleRow, sign: int) -> None:
    off = sign if sale.difference else 0
    _add(daily, sale.outlet_id, sale.day, sign, 0, sign * sale.goods_sum, sign * sale.discount_sum, ZERO, off)


def _add_return(daily: Table[DailyRow], row: ReturnRow, sign: int) -> None:
    off = sign if row.difference else 0
    _add(daily, row.outlet_id, row.day, 0, sign, ZERO, ZERO, sign * row.amount, off)


def _add(
    daily: Table[DailyRow],
    outlet: str,
    day: date,
    sales: int,
    returns: int,
    goods_sum: Decimal,
    discount_sum: Decimal,
    returns_sum: Decimal,
    unreconciled: int,
) -> None:
    row = daily.get(outlet, day) or DailyRow(outlet, day, 0, 0, ZERO, ZERO, ZERO, 0)
    daily.put(
        outlet,
        day,
        row=DailyRow(
            outlet,
            day,
            row.sales + sales,
            row.returns + returns,
            row.goods_sum + goods_sum,
            row.discount_sum + discount_sum,
            row.returns_sum + returns_sum,
            row.unreconciled + unreconciled,
        ),
    )
