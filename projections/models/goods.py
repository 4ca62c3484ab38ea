"""Goods and warehouses as last saved. A removed good leaves the lists; its row, history and sales stay."""

from __future__ import annotations

import msgspec

from projections.models.changes import Place
from projections.models.rows import GoodRow, WarehouseRow
from projections.models.table import Table
from schemas.events import GoodRemoved, GoodSaved, WarehouseSaved


def fold_saved(goods: Table[GoodRow], good: GoodSaved, place: Place) -> int:
    """Returns by how many the outlet's listed goods grew."""
    old = goods.get(place.outlet, good.good_id)
    row = GoodRow(
        place.outlet,
        good.good_id,
        good.name,
        good.category,
        good.max_price,
        good.barcode,
        good.barcodes,
        good.extra,
        False,
    )
    goods.put(place.outlet, good.good_id, row=row)
    return 1 if old is None or old.removed else 0


def fold_removed(goods: Table[GoodRow], removed: GoodRemoved, place: Place) -> int:
    """Returns by how many the outlet's listed goods grew: −1, or 0 where the good was not listed."""
    old = goods.get(place.outlet, removed.good_id)
    if old is None or old.removed:
        return 0
    goods.put(place.outlet, removed.good_id, row=msgspec.structs.replace(old, removed=True))
    return -1


def fold_warehouse(warehouses: Table[WarehouseRow], saved: WarehouseSaved, place: Place) -> None:
    row = WarehouseRow(place.outlet, saved.warehouse_id, saved.name)
    warehouses.put(place.outlet, saved.warehouse_id, row=row)
