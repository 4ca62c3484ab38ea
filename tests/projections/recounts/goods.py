"""Goods as last saved."""

from __future__ import annotations

from fractions import Fraction

from tests.projections.model import OutletModel
from tests.projections.recounts import Rows, document


def rows(model: OutletModel) -> Rows:
    return {
        (key,): {
            "name": good.name,
            "category": good.category,
            "max_price": None if good.max_price is None else Fraction(good.max_price),
            "barcode": good.barcode,
            "barcodes": good.barcodes,
            "extra": [document(field) for field in good.extra],
            "removed": removed,
            "article": good.article,
            "unit": good.unit,
            "cost": None if good.cost is None else Fraction(good.cost),
            "min_stock": None if good.min_stock is None else Fraction(good.min_stock),
        }
        for key, (good, removed) in model.goods().items()
    }
