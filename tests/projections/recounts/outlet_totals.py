"""How many goods are on the lists, how many sales there are, and how far the data goes."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    totals = model.totals()
    return {} if totals is None else {(): dict(zip(("goods", "sales", "data_through"), totals, strict=True))}
