"""A good as the shop keeps it."""

from __future__ import annotations

from decimal import Decimal

from schemas.amounts import Level, Price
from schemas.events.event_type import EXAMPLE_AT, EventType, Part, TillEvent
from schemas.texts import Code, Id, Name, ShortCode, Text, Unit


class ExtraField(Part, frozen=True, gc=False):
    """A shop's own field of a good."""

    name: Text
    value: Text


class GoodSaved(TillEvent, frozen=True, tag="good.saved"):
    """A good was entered or changed; replaces what was saved before.

    `max_price`, `article`, `unit`, `cost` and `min_stock` stay as they were where they are left out.
    """

    good_id: Id
    name: Name
    category: Name
    max_price: Price | None = None
    barcode: Code | None = None
    barcodes: list[Code] = []
    extra: list[ExtraField] = []
    article: ShortCode | None = None
    unit: Unit | None = None
    cost: Price | None = None
    min_stock: Level | None = None


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
        article="ЧУ-100",
        unit="шт",
        cost=Decimal("61.2345"),
        min_stock=Decimal("12"),
    ),
)
