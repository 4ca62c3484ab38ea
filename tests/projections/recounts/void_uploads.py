"""Events that voided a sale or return, by till, document, run and number."""

from __future__ import annotations

from schemas.events import ReturnVoided, SaleVoided
from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for (till, event, received_at), (run, number) in zip(model.applied, model.origins, strict=True):
        if isinstance(event, SaleVoided):
            found[till, "sale", event.sale_id, run, number] = {"received_at": received_at}
        elif isinstance(event, ReturnVoided):
            found[till, "return", event.return_id, run, number] = {"received_at": received_at}
    return found
