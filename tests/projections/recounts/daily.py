"""Daily revenue, counted receipt by receipt."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {(day,): figures for day, figures in model.daily().items()}
