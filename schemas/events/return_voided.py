"""A return that was none."""

from __future__ import annotations

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Cashier, Id, Text


class ReturnVoided(TillEvent, frozen=True, tag="return.voided"):
    """A return is void: it leaves every figure and the stock, for good."""

    return_id: Id
    reason: Text | None = None
    cashier: Cashier | None = None
    cashier_id: Id | None = None


TYPE = EventType(
    ru="Возврат аннулирован",
    en="Return voided",
    example=ReturnVoided(
        at=EXAMPLE_AT, return_id="r-1", reason="оформлен по ошибке", cashier="Кузнецова А.", cashier_id="k-1"
    ),
)
