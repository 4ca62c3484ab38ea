"""Daily revenue: per outlet and local day the sales, their sums, and what was returned that day.

Revenue of a day = totals of its sales − amounts of the returns made that day (contract, 'Events').
"""

from __future__ import annotations

from projections.models.changes import ReturnChange, SaleChange
from projections.models.rows import DailyRow, ReturnRow, SaleRow
from projections.models.table import Table


def fold_sale(daily: Table[DailyRow], change: SaleChange) -> None:
    if change.old:
        _add_sale(daily, change.old, -1)
    _add_sale(daily, change.new, 1)


def fold_return(daily: Table[DailyRow], change: ReturnChange) -> None:
    if change.old:
        _add_return(daily, change.old, -1)
    _add_return(daily, change.new, 1)


def _add_sale(daily: Table[DailyRow], sale: SaleRow, sign: int) -> None:
    row = daily.open((sale.outlet_id, sale.day), DailyRow)
    row.sales += sign
    row.goods_sum += sign * sale.goods_sum
    row.discount_sum += sign * sale.discount_sum
    if sale.difference:
        row.unreconciled += sign


def _add_return(daily: Table[DailyRow], returned: ReturnRow, sign: int) -> None:
    row = daily.open((returned.outlet_id, returned.day), DailyRow)
    row.returns += sign
    row.returns_sum += sign * returned.amount
    if returned.difference:
        row.unreconciled += sign
