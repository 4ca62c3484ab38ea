"""What a shift took by each method, counted payment by payment."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    found: Rows = {}

    def add(shift: str | None, till: str, method: str, amount: Decimal, sign: int) -> None:
        if shift is not None:
            row = found.setdefault((shift, till, method), {"amount": Fraction(0)})
            row["amount"] += sign * Fraction(amount)

    for (till, _), (_, sale, *_) in model.sales.items():
        for payment in sale.payments:
            add(sale.shift_id, till, payment.method, payment.amount, 1)
        add(sale.shift_id, till, "cash", sale.change, -1)
    for (till, _), (_, back, *_) in model.returns.items():
        for refund in back.refunds:
            add(back.shift_id, till, refund.method, refund.amount, -1)
    return found
