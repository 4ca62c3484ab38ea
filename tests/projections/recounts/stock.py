"""Stock of each shelf: the last count and what came after it."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {shelf: {"quantity": quantity} for shelf, quantity in model.stock().items()}
