"""What the documents of a shift come to by day, counted one by one."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import Any

from schemas.events import CashMoved
from tests.projections import receipts
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows

COLUMNS = ("sales", "sales_sum", "revenue", "returns", "returns_sum", "cash_moves", "moved_sum")


def rows(model: OutletModel) -> Rows:
    found: Rows = {}

    def add(at: datetime, shift: str | None, till: str, **figures: Any) -> None:
        if shift is not None:
            row = found.setdefault((model.day(at), shift, till), dict.fromkeys(COLUMNS, Fraction(0)))
            for name, figure in figures.items():
                row[name] += figure

    for (till, _), (_, sale, *_) in model.sales.items():
        add(sale.at, sale.shift_id, till, sales=1, sales_sum=receipts.total(sale), revenue=model.revenue(sale))
    for (till, _), (_, back, *_) in model.returns.items():
        amount = receipts.amount(back)
        add(back.at, back.shift_id, till, returns=1, returns_sum=amount, revenue=-model.sides(back).revenue)
    for (till, _), (_, move, *_) in model.documents(CashMoved, "cash_id").items():
        add(move.at, move.shift_id, till, cash_moves=1, moved_sum=Fraction(move.amount))
    return found
