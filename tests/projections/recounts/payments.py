"""Payment methods, counted payment by payment."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        key: {"amount": amount, "count": count, "refunds": refunds}
        for key, (amount, count, refunds) in model.payments().items()
    }
