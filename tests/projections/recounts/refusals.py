"""Events that tills withdrew, by till, run and number."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        (till, run, number): {"at": event.at, "reason": event.reason, "received_at": received_at}
        for till, run, number, event, received_at in model.withdrawn
    }
