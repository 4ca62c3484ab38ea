"""The cost of each good as it was named last."""

from __future__ import annotations

from fractions import Fraction

from schemas.events import GoodSaved
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    saved = [event for _, event, _ in model.applied if isinstance(event, GoodSaved)]
    return {(good.good_id,): {"cost": Fraction(good.cost)} for good in saved if good.cost is not None}
