"""What moved each shelf's stock, by day in UTC."""

from __future__ import annotations

from datetime import UTC
from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for shelf, movements in model.movements().items():
        for at, _, quantity in movements:
            day = found.setdefault((*shelf, at.astimezone(UTC).date()), {"quantity": Fraction(0)})
            day["quantity"] += quantity
    return found
