"""What every event has, and what stands beside its struct."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta, timezone

from msgspec import Struct

from schemas.amounts import At

EXAMPLE_AT = datetime(2024, 3, 31, 1, 30, 0, 250_000, tzinfo=timezone(timedelta(hours=3)))
"""The moment of all examples."""


class Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, gc=False):
    """A part of an event that holds nothing but texts and numbers, or parts.

    Parts are many, and can be in no cycle: the garbage collector need not look at them.
    """


class TillEvent(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, tag_field="type"):
    """Something that happened in a shop. An unknown field is an error, so that no newer event is half understood.

    What a till leaves out is not written into the log either.
    """

    at: At


class EventType(Struct, frozen=True):
    """What belongs to an event besides its fields.

    `ru` and `en` name it for people. `example` is what its golden bytes hold and what documents show. `simulated` says
    whether the simulated shops send it.
    """

    ru: str
    en: str
    example: TillEvent
    simulated: bool = True

    @property
    def struct(self) -> type[TillEvent]:
        return type(self.example)

    @property
    def name(self) -> str:
        return tag(self.struct)


def tag(struct: type[Struct]) -> str:
    """What tells a struct apart in its union: an event's `type`, a record's `kind`."""
    return str(struct.__struct_config__.tag)


def event_type(struct: type[TillEvent]) -> EventType:
    """What stands beside an event's struct. Raises `TypeError` where its module does not say it."""
    beside = getattr(sys.modules[struct.__module__], "TYPE", None)
    if not isinstance(beside, EventType) or beside.struct is not struct:
        raise TypeError(f"{struct.__module__} needs TYPE = EventType(…) with an example that is a {struct.__name__}")
    return beside
