"""An event that the gateway refused."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Text


class EventWithdrawn(TillEvent, frozen=True, tag="event.withdrawn"):
    """Sent under the number of an event that the gateway refused, so that no hole stays. Counted as discarded."""

    reason: Annotated[Text, Meta(description="Why the event was refused.")]


TYPE = EventType(
    ru="Событие отозвано",
    en="Event withdrawn",
    example=EventWithdrawn(at=EXAMPLE_AT, reason="refused: price"),
    simulated=False,  # only a till client sends it, when the gateway refuses something
)
