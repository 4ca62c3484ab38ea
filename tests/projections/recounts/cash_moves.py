"""Movements of cash: each as it came last."""

from __future__ import annotations

from fractions import Fraction

from schemas.events import CashMoved
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        (cash_id, till): {
            "shift_id": move.shift_id,
            "amount": Fraction(move.amount),
            "reason": move.reason,
            "note": move.note,
            "at": move.at,
            "day": model.day(move.at),
            "received_at": received_at,
        }
        for (till, cash_id), (_, move, received_at, _) in model.documents(CashMoved, "cash_id").items()
    }
