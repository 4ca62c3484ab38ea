"""What each good was called on the receipt that was applied last."""

from __future__ import annotations

from schemas.events import SaleRegistered, SaleVoided
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    voided: set[tuple[str, str]] = set()
    found: Rows = {}
    for till, event, _ in model.applied:
        if isinstance(event, SaleVoided):
            voided.add((till, event.sale_id))
        elif isinstance(event, SaleRegistered) and (till, event.sale_id) not in voided:
            found |= {(line.good_id,): {"name": line.name} for line in event.lines}
    return found
