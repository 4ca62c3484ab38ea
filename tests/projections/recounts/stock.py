"""Stock of each shelf: the greatest count and what moved later than it, by effective time."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    stock, counts, moved = model.stock(), model.counts_in_force(), model.ever_moved()
    return {
        shelf: {
            "quantity": stock.get(shelf, 0),
            "counted_at": counts[shelf][0] if shelf in counts else None,
            "moved_at": moved.get(shelf),
        }
        for shelf in counts.keys() | moved.keys()
    }
