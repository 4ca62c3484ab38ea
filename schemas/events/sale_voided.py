"""A sale that was none."""

from __future__ import annotations

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Cashier, Id, Text


class SaleVoided(TillEvent, frozen=True, tag="sale.voided"):
    """A receipt is void: it leaves every figure and the stock, for good; its returns remain."""

    sale_id: Id
    reason: Text | None = None
    cashier: Cashier | None = None
    cashier_id: Id | None = None


TYPE = EventType(
    ru="Продажа аннулирована",
    en="Sale voided",
    example=SaleVoided(at=EXAMPLE_AT, sale_id="s-1", reason="пробит дважды", cashier="Кузнецова А.", cashier_id="k-1"),
)
