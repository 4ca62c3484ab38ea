"""Warehouses as last saved."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows


def rows(model: OutletModel) -> Rows:
    return {(key,): {"name": name} for key, name in model.warehouses().items()}
