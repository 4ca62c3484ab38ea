"""Events dated more than an hour after their record came in, or before 2000."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    found: Rows = {}
    for (till, event, received_at), (run, number) in zip(model.applied, model.origins, strict=True):
        if event.at - received_at > timedelta(hours=1) or event.at < datetime(2000, 1, 1, tzinfo=UTC):
            found[till, run, number] = {"at": event.at, "received_at": received_at}
    return found
