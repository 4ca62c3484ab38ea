"""Daily revenue, counted receipt by receipt."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows

COLUMNS = ("sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled")


def rows(model: OutletModel) -> Rows:
    return {(day,): dict(zip(COLUMNS, figures, strict=True)) for day, figures in model.daily().items()}
