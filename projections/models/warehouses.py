"""Warehouses as last saved."""

from __future__ import annotations

from msgspec import Struct

from projections.kinds.columns import Uuid
from projections.kinds.provenance import Provenance
from projections.kinds.states import On, States
from schemas.events import WarehouseSaved


class WarehouseRow(Struct, frozen=True, gc=False):
    outlet_id: Uuid
    warehouse_id: str
    name: str


def saved(old: None, warehouse: WarehouseSaved, provenance: Provenance) -> WarehouseRow:
    return WarehouseRow(provenance.outlet, warehouse.warehouse_id, warehouse.name)


def _id(event: WarehouseSaved) -> tuple[str]:
    return (event.warehouse_id,)


WAREHOUSES = States("warehouses", version=1, row=WarehouseRow, key=2, on=(On(WarehouseSaved, _id, saved, reads=False),))
