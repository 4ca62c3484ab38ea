"""What each cashier sold and took back by day, counted receipt by receipt."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from schemas.events import SaleRegistered, SaleReturned
from tests.projections import receipts
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows

SIDES = ("advances", "tips", "debts")
COLUMNS = (
    *("sales", "positions", "revenue", "discount_sum", "discounted", "returns", "returns_sum", "voided"),
    *(f"{side}_sum" for side in SIDES),
)


def rows(model: OutletModel) -> Rows:
    found: Rows = {}

    def add(document: SaleRegistered | SaleReturned, **figures: Any) -> None:
        key = (model.day(document.at), document.cashier_id or "", document.cashier or "")
        row = found.setdefault(key, dict.fromkeys(COLUMNS, Fraction(0)))
        for name, figure in figures.items():
            row[name] += figure

    for sale in model.sold():
        discount = receipts.goods_and_discount(sale)[1]
        add(sale, sales=1, positions=len(sale.lines), revenue=model.revenue(sale), discount_sum=discount)
        add(sale, discounted=int(discount != 0), **{f"{side}_sum": getattr(model.sides(sale), side) for side in SIDES})
    for back in model.returned():
        add(back, returns=1, returns_sum=receipts.amount(back), revenue=-model.sides(back).revenue)
        add(back, **{f"{side}_sum": -getattr(model.sides(back), side) for side in SIDES})
    for voided in model.all_sales.values():
        if voided.void is not None:
            add(voided.event, voided=1)
    return found
