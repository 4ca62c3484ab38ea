"""Revenue by the hour of the outlet's local day: for 'the same hours yesterday' and the rhythm of the week."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from projections.models.changes import ReturnChange, SaleChange
from projections.models.rows import HourlyRow
from projections.models.table import Table


def fold_sale(hourly: Table[HourlyRow], change: SaleChange) -> None:
    if old := change.old:
        _add(hourly, old.outlet_id, old.day, old.hour, -1, -old.total)
    _add(hourly, change.new.outlet_id, change.new.day, change.new.hour, 1, change.new.total)


def fold_return(hourly: Table[HourlyRow], change: ReturnChange) -> None:
    if old := change.old:
        _add(hourly, old.outlet_id, old.day, old.hour, 0, old.amount)
    _add(hourly, change.new.outlet_id, change.new.day, change.new.hour, 0, -change.new.amount)


def _add(hourly: Table[HourlyRow], outlet: str, day: date, hour: int, sales: int, revenue: Decimal) -> None:
    row = hourly.open((outlet, day, hour), HourlyRow)
    row.sales += sales
    row.revenue += revenue
