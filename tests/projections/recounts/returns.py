"""Returns: each as it came last."""

from __future__ import annotations

from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows, document


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for (till, return_id), (_, back) in model.returns.items():
        amount = sum((Fraction(line.amount) for line in back.lines), Fraction(0))
        refunded = sum((Fraction(refund.amount) for refund in back.refunds), Fraction(0))
        local = model.local(back.at)
        found[return_id, till] = {
            "sale_id": back.sale_id,
            "at": back.at,
            "day": local.date(),
            "hour": local.hour,
            "amount": amount,
            "difference": refunded - amount,
            "lines": [document(line) for line in back.lines],
            "refunds": [document(refund) for refund in back.refunds],
        }
    return found
