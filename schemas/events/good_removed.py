"""A good that the shop no longer keeps."""

from __future__ import annotations

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id


class GoodRemoved(TillEvent, frozen=True, tag="good.removed"):
    """A good was taken off the lists; its history stays."""

    good_id: Id


TYPE = EventType(ru="Товар убран", en="Good removed", example=GoodRemoved(at=EXAMPLE_AT, good_id="g-1"))
