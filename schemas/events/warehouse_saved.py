"""A warehouse as the shop keeps it."""

from __future__ import annotations

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id, Name

MAIN_WAREHOUSE = "main"
"""The warehouse of a line that names none."""


class WarehouseSaved(TillEvent, frozen=True, tag="warehouse.saved"):
    """A warehouse was entered or renamed."""

    warehouse_id: Id
    name: Name


TYPE = EventType(
    ru="Склад записан",
    en="Warehouse saved",
    example=WarehouseSaved(at=EXAMPLE_AT, warehouse_id="w-1", name="Подсобка"),
)
