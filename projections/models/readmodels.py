"""All read models of one generation, as far as a batch touches them."""

from __future__ import annotations

from projections.models.rows import (
    ContactRow,
    DailyRow,
    ForgottenRow,
    GoodRow,
    HourlyRow,
    MoveRow,
    OutletTotalsRow,
    PaymentsRow,
    ReturnRow,
    SaleRow,
    StockRow,
    WarehouseRow,
)
from projections.models.table import Table


class ReadModels:
    """One `Table` per read model; the attribute is named as the table in PostgreSQL."""

    def __init__(self) -> None:
        self.outlet_totals = Table[OutletTotalsRow](1)
        self.daily = Table[DailyRow](2)
        self.hourly = Table[HourlyRow](3)
        self.payments = Table[PaymentsRow](3)
        self.sales = Table[SaleRow](3)
        self.returns = Table[ReturnRow](3)
        self.moves = Table[MoveRow](3)
        self.goods = Table[GoodRow](2)
        self.warehouses = Table[WarehouseRow](2)
        self.stock = Table[StockRow](3)
        self.contacts = Table[ContactRow](2)
        self.forgotten = Table[ForgottenRow](2)
        for figures in (self.daily, self.hourly, self.payments):
            figures.adds = True  # nothing but sums: they are never read
