"""Revenue by the hour, counted receipt by receipt."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {key: {"sales": sales, "revenue": revenue} for key, (sales, revenue) in model.hourly().items()}
