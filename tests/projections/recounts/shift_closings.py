"""Ends of shifts: each as it came last, with what its Z-report says."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from schemas.events import ShiftClosed
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows, document


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for (till, shift_id), (_, shift, received_at, _) in model.documents(ShiftClosed, "shift_id").items():
        totals = shift.totals
        found[shift_id, till] = {
            "number": shift.number,
            "cash": _exact(shift.cash),
            "cashier": shift.cashier,
            "cashier_id": shift.cashier_id,
            "totals_sales": _exact(totals.sales) if totals else None,
            "totals_returns": _exact(totals.returns) if totals else None,
            "totals_receipts": totals.receipts if totals else None,
            "totals_methods": [document(method) for method in (totals and totals.by_method) or []],
            "at": shift.at,
            "day": model.day(shift.at),
            "received_at": received_at,
        }
    return found


def _exact(amount: Decimal | None) -> Fraction | None:
    return None if amount is None else Fraction(amount)
