"""A good as the shop keeps it."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Money
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.texts import Code, Id, Name, Text


class ExtraField(Part, frozen=True, gc=False):
    """A shop's own field of a good."""

    name: Text
    value: Text


class GoodSaved(TillEvent, frozen=True, tag="good.saved"):
    """A good was entered or changed; replaces what was saved before."""

    good_id: Id
    name: Name
    category: Name
    max_price: Money
    barcode: Code | None = None
    barcodes: list[Code] = []
    extra: list[ExtraField] = []


TYPE = EventType(
    ru="Товар записан",
    en="Good saved",
    example=GoodSaved(
        at=EXAMPLE_AT,
        good_id="g-1",
        name="Чай «Утро»",
        category="Напитки",
        max_price=Decimal("99.90"),
        barcode="4600000000017",
        barcodes=["4600000000024"],
        extra=[ExtraField("Страна", "Индия")],
    ),
)
