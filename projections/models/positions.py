"""The lines of receipts and returns as their rows keep them: as sent, with what is derived once for all readers.

Lines of some kinds are no revenue (contract, 'Events'): gift cards and prepayments are advances, tips are the staff's,
a debt paid off was revenue when it was made. `Shares` adds a document's lines up by that, with their taxes and costs.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from schemas.amounts import ZERO, line_sum
from schemas.events import Line, LineKind, ReturnLine, Tax

REVENUE: frozenset[LineKind] = frozenset(["good", "service"])
"""Kinds of lines that are revenue; the other ones are figures of their own."""
ADVANCES: frozenset[LineKind] = frozenset(["gift_card", "prepayment"])


class SoldPosition(Struct, frozen=True, omit_defaults=True, gc=False):
    """A line of a sale; `sum` is what it brought after its discount, without tax that is on top of it.

    What may be left out is not written. The names are those of the event's line: it can be read as one.
    """

    good_id: str
    name: str
    quantity: Decimal
    price: Decimal
    discount: Decimal
    warehouse_id: str | None
    sum: Decimal
    cost: Decimal | None = None
    unit: str | None = None
    kind: LineKind = "good"
    tax: Tax | None = None

    @property
    def amount(self) -> Decimal:
        """What the customer paid for it, tax on top included."""
        tax = self.tax
        return self.sum + tax.amount if tax is not None and tax.on_top else self.sum


class ReturnedPosition(Struct, frozen=True, omit_defaults=True, gc=False):
    """A line of a return; `amount` is what the customer got for it, tax on top included."""

    good_id: str
    quantity: Decimal
    amount: Decimal
    warehouse_id: str | None
    name: str | None = None
    cost: Decimal | None = None
    kind: LineKind = "good"
    tax: Tax | None = None


Position = SoldPosition | ReturnedPosition


def sold_position(line: Line) -> SoldPosition:
    total = line.sum
    if total is None:
        total = line_sum(line.quantity, line.price)
        if line.discount:
            total -= line.discount
    return SoldPosition(
        line.good_id,
        line.name,
        line.quantity,
        line.price,
        line.discount,
        line.warehouse_id,
        total,
        line.cost,
        line.unit,
        line.kind,
        line.tax,
    )


def returned_position(line: ReturnLine) -> ReturnedPosition:
    return ReturnedPosition(
        line.good_id,
        line.quantity,
        line.amount,
        line.warehouse_id,
        line.name,
        line.cost,
        line.kind,
        line.tax,
    )


class Shares(Struct, frozen=True, gc=False):
    """The lines of a document added up: its revenue, what is none, its taxes, and the cost as far as it is known.

    `revenue + advances + tips + debts` is what the lines come to, tax on top included. `cost_known` is the revenue of
    the lines whose cost is known, `cost` that cost; lines that are no revenue have none.
    """

    revenue: Decimal
    advances: Decimal
    tips: Decimal
    debts: Decimal
    tax: Decimal
    cost: Decimal
    cost_known: Decimal


def shares(lines: Iterable[Position]) -> Shares:
    revenue = advances = tips = debts = taxes = cost = cost_known = ZERO
    for line in lines:
        kind, tax = line.kind, line.tax
        if tax is None:
            amount = line.sum if type(line) is SoldPosition else line.amount  # a property costs a call
        else:
            amount = line.amount
            taxes += tax.amount
        if kind in REVENUE:
            revenue += amount
            if line.cost is not None:
                cost += line_sum(line.quantity, line.cost)
                cost_known += amount
        elif kind in ADVANCES:
            advances += amount
        elif kind == "tip":
            tips += amount
        else:
            debts += amount
    return Shares(revenue, advances, tips, debts, taxes, cost, cost_known)


def line_revenue(line: Position) -> Decimal:
    """What a line adds to the revenue (a return's: takes off it), in money."""
    return line.amount if line.kind in REVENUE else ZERO


def line_cost(line: Position) -> Decimal | None:
    """The cost of all of a line, in money; None where it is not known, or where the line is no revenue."""
    return None if line.cost is None or line.kind not in REVENUE else line_sum(line.quantity, line.cost)


def moves_stock(line: Position) -> bool:
    """Whether goods leave or enter a warehouse by a line."""
    return line.kind == "good"


@lru_cache(maxsize=1024)
def rate_value(rate: str) -> str:
    """A rate of tax by its value: "20.0" is "20"; "20/120" and "none" are rates of their own."""
    return "/".join(part if part == "none" else _plain(part) for part in rate.split("/"))


def _plain(number: str) -> str:
    whole, _, places = number.partition(".")
    whole, places = whole.lstrip("0") or "0", places.rstrip("0")
    return f"{whole}.{places}" if places else whole
