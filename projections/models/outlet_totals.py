"""The engine's counter: events applied per outlet, which numbers them, and the greatest effective time among them.

Beside it stand how many goods are on the outlet's lists and how many sales it has.
"""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from projections.kinds.columns import Bigint, Uuid
from projections.kinds.states import Counter, Of
from projections.kinds.table import Table
from projections.models.goods import GOODS, GoodRow
from projections.models.sales import SALES, SaleRow


class OutletTotalsRow(Struct, gc=False):
    outlet_id: Uuid
    goods: int
    sales: int
    data_through: datetime
    applied_no: Bigint


def begin(outlet: str, at: datetime) -> OutletTotalsRow:
    return OutletTotalsRow(outlet, 0, 0, at, 0)


def count(row: OutletTotalsRow) -> int:
    """Numbers an event in the order of application."""
    row.applied_no += 1
    return row.applied_no


def reach(row: OutletTotalsRow, at: datetime) -> None:
    """Moves `data_through`, the greatest effective time applied: a clock that is ahead does not move it ahead."""
    if at > row.data_through:
        row.data_through = at


def sold(totals: Table[OutletTotalsRow], old: SaleRow | None, new: SaleRow | None) -> None:
    if old is None and new is not None:
        _row(totals, new.outlet_id).sales += 1
    elif new is None and old is not None:
        _row(totals, old.outlet_id).sales -= 1


def listed(totals: Table[OutletTotalsRow], old: GoodRow | None, new: GoodRow) -> None:
    was = old is not None and not old.removed
    if was is new.removed:
        _row(totals, new.outlet_id).goods += -1 if was else 1


def _row(totals: Table[OutletTotalsRow], outlet: str) -> OutletTotalsRow:
    row = totals.get((outlet,))
    if row is None:
        raise LookupError(f"outlet {outlet} was not opened before its events were folded")
    return row


OUTLET_TOTALS = Counter(
    "outlet_totals",
    version=2,
    row=OutletTotalsRow,
    begin=begin,
    count=count,
    reach=reach,
    of=(Of(SALES, sold), Of(GOODS, listed)),
)
