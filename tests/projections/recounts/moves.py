"""Movements: each as it came last."""

from __future__ import annotations

from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        (move_id, till): {
            "good_id": move.good_id,
            "warehouse_id": move.warehouse_id,
            "quantity": Fraction(move.quantity),
            "reason": move.reason,
            "at": move.at,
            "day": model.day(move.at),
            "received_at": received_at,
        }
        for (till, move_id), (_, move, received_at, _) in model.moves.items()
    }
