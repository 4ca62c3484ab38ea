"""Sales: each receipt as it came last."""

from __future__ import annotations

from fractions import Fraction

from tests.projections.model import OutletModel, sums
from tests.projections.recounts import Rows, document


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for (till, sale_id), (_, sale) in model.sales.items():
        goods, discount = sums(sale)
        paid = sum((Fraction(payment.amount) for payment in sale.payments), Fraction(0))
        local = model.local(sale.at)
        found[sale_id, till] = {
            "number": sale.number,
            "at": sale.at,
            "day": local.date(),
            "hour": local.hour,
            "positions": len(sale.lines),
            "goods_sum": goods,
            "discount_sum": discount,
            "total": goods - discount,
            "change": Fraction(sale.change),
            "difference": paid - Fraction(sale.change) - goods + discount,
            "contact_id": sale.contact_id,
            "cashier": sale.cashier,
            "lines": [document(line) for line in sale.lines],
            "payments": [document(payment) for payment in sale.payments],
        }
    return found
