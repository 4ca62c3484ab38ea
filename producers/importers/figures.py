"""What documents add to a day's figures: sales, revenue and payments, as the service counts them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from producers.importers.documents import Event, Shop
from schemas.amounts import ZERO, line_sum

_NO_REVENUE = frozenset(["gift_card", "prepayment", "tip", "debt"])


class Figures(Struct, frozen=True):
    """Of one document: its day, sales (0 or 1), revenue, and money by method."""

    day: str
    sales: int = 0
    revenue: Decimal = ZERO
    payments: dict[str, Decimal] = {}


def of_document(events: Sequence[Event], shop: Shop) -> Figures | None:
    """What a document adds; None where it is none that a day has figures of. A void takes all of it away."""
    found: Figures | None = None
    for event in events:
        match event["type"]:
            case "sale.registered":
                found = _sale(event, shop)
            case "sale.returned":
                found = _return(event, shop)
            case "sale.voided" | "return.voided":
                found = Figures(found.day) if found else None
    return found


def total(sale: Event) -> Decimal:
    """What a sale comes to, with the lines that are no revenue."""
    return Decimal(sale.get("rounding", "0")) + sum(map(_line_total, sale["lines"]), ZERO)


def _line_total(line: Event) -> Decimal:
    tax = line.get("tax") or {}
    on_top = Decimal(tax["amount"]) if tax.get("on_top") else ZERO
    if "sum" in line:
        return Decimal(line["sum"]) + on_top
    goods = line_sum(Decimal(line["quantity"]), Decimal(line["price"]))
    return goods - Decimal(line.get("discount", "0")) + on_top


def _sale(sale: Event, shop: Shop) -> Figures:
    advances = [line for line in sale["lines"] if line.get("kind", "good") in _NO_REVENUE]
    revenue = total(sale) - sum(map(_line_total, advances), ZERO)
    payments: dict[str, Decimal] = defaultdict(Decimal)
    for payment in sale["payments"]:
        payments[payment["method"]] += Decimal(payment["amount"])
    payments["cash"] -= Decimal(sale.get("change", "0"))
    return Figures(_day(sale, shop), 1, revenue, _without_zeros(payments))


def _return(returned: Event, shop: Shop) -> Figures:
    payments: dict[str, Decimal] = defaultdict(Decimal)
    for refund in returned["refunds"]:
        payments[refund["method"]] -= Decimal(refund["amount"])
    amounts = [Decimal(line["amount"]) for line in returned["lines"] if line.get("kind", "good") not in _NO_REVENUE]
    return Figures(_day(returned, shop), 0, -sum(amounts, ZERO), _without_zeros(payments))


def _day(event: Event, shop: Shop) -> str:
    return shop.day(datetime.fromisoformat(event["at"]))


def _without_zeros(payments: dict[str, Decimal]) -> dict[str, Decimal]:
    return {method: amount for method, amount in payments.items() if amount}


class Totals:
    """Figures added up by day."""

    def __init__(self) -> None:
        self.days: dict[str, Figures] = {}

    def add(self, figures: Figures) -> None:
        before = self.days.get(figures.day, Figures(figures.day))
        payments = dict(before.payments)
        for method, amount in figures.payments.items():
            payments[method] = payments.get(method, ZERO) + amount
        self.days[figures.day] = Figures(
            figures.day, before.sales + figures.sales, before.revenue + figures.revenue, payments
        )

    def document(self) -> dict[str, dict[str, object]]:
        """As the contract's `totals`: by day, money with two places."""
        return {
            day: {"sales": figures.sales, "revenue": money(figures.revenue)}
            for day, figures in sorted(self.days.items())
        }


def money(value: Decimal) -> str:
    """Money with two places."""
    return format(value.quantize(Decimal("0.01")), "f")
