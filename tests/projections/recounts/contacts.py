"""Contacts as last saved."""

from __future__ import annotations

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows

COLUMNS = ("name", "purchases_total", "debt", "points", "removed")


def rows(model: OutletModel) -> Rows:
    return {(key,): dict(zip(COLUMNS, figures, strict=True)) for key, figures in model.contacts().items()}
