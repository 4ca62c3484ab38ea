"""What the lines and documents of sales and returns have in common: kinds of lines, tax, fiscal numbers."""

from __future__ import annotations

from typing import Literal

from schemas.amounts import Money
from schemas.events.event_type import Part
from schemas.texts import ShortCode, TaxRate

LineKind = Literal["good", "service", "gift_card", "prepayment", "tip", "debt"]
"""`gift_card` and `prepayment` are advances, `debt` is a debt paid off; those and `tip` are no revenue."""


class Tax(Part, frozen=True, gc=False):
    """The tax of a line; `on_top`: it comes on top of the line's sum, instead of being in it."""

    rate: TaxRate
    amount: Money
    on_top: bool = False


class Fiscal(Part, frozen=True, gc=False):
    """The numbers of a fiscal document: of the storage device, of the document in it, and its sign."""

    fn: ShortCode
    fd: ShortCode
    fp: ShortCode
    tax_system: ShortCode | None = None
