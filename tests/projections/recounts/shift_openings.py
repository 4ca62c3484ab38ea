"""Openings of shifts: each as it came last."""

from __future__ import annotations

from fractions import Fraction

from schemas.events import ShiftOpened
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        (shift_id, till): {
            "number": shift.number,
            "cash": Fraction(shift.cash),
            "cashier": shift.cashier,
            "cashier_id": shift.cashier_id,
            "at": shift.at,
            "day": model.day(shift.at),
            "received_at": received_at,
        }
        for (till, shift_id), (_, shift, received_at, _) in model.documents(ShiftOpened, "shift_id").items()
    }
