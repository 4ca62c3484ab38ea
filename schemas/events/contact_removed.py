"""A customer whom the shop no longer keeps."""

from __future__ import annotations

from schemas.events.event_type import EXAMPLE_AT, EventType, TillEvent
from schemas.texts import Id


class ContactRemoved(TillEvent, frozen=True, tag="contact.removed"):
    """A customer was taken off the lists."""

    contact_id: Id


TYPE = EventType(ru="Покупатель убран", en="Customer removed", example=ContactRemoved(at=EXAMPLE_AT, contact_id="c-1"))
