"""Counts: each as it came first."""

from __future__ import annotations

from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {
        (good, warehouse, at, till): {"quantity": Fraction(count.event.quantity), "received_at": count.received_at}
        for (till, good, warehouse, at), count in model.counts().items()
    }
