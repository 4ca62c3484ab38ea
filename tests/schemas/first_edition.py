"""The examples that golden records of versions 1 and 2 hold, where the second edition of the contract has others."""

from __future__ import annotations

from decimal import Decimal

from schemas.events import ExtraField, GoodSaved, Line, Payment, Refund, ReturnLine, SaleRegistered, SaleReturned
from schemas.events.event_type import EXAMPLE_AT, TillEvent

EXAMPLES: dict[str, TillEvent] = {
    "sale.registered": SaleRegistered(
        at=EXAMPLE_AT,
        sale_id="s-1",
        number="000123",
        lines=[
            Line("g-1", "Чай «Утро»", Decimal("1.250"), Decimal("99.90"), Decimal("0.05"), "w-1"),
            Line("g-2", "Кофе", Decimal("1"), Decimal("0")),
        ],
        payments=[Payment("cash", Decimal("200.00")), Payment("sbp", Decimal("0"))],
        change=Decimal("75.18"),
        contact_id="c-1",
        cashier="Кузнецова А.",
    ),
    "sale.returned": SaleReturned(
        at=EXAMPLE_AT,
        return_id="r-1",
        sale_id="s-1",
        lines=[
            ReturnLine("g-1", Decimal("0.5"), Decimal("49.95"), "w-1"),
            ReturnLine("g-2", Decimal(1), Decimal(0)),
        ],
        refunds=[Refund("card", Decimal("49.95"))],
    ),
    "good.saved": GoodSaved(
        at=EXAMPLE_AT,
        good_id="g-1",
        name="Чай «Утро»",
        category="Напитки",
        max_price=Decimal("99.90"),
        barcode="4600000000017",
        barcodes=["4600000000024"],
        extra=[ExtraField("Страна", "Индия")],
    ),
}
