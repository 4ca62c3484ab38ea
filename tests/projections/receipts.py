"""What a receipt and a return come to, by the contract alone: for the recounts, in fractions and plain loops."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import Any, NamedTuple

from schemas import events as e

LineOf = e.Line | e.ReturnLine
CostOf = Callable[[Any], Decimal | None]
"""The cost of one unit of a line, as far as it is known."""


class Sides(NamedTuple):
    """A document's lines by what they are, with their taxes and the cost of the revenue as far as it is known."""

    revenue: Fraction
    advances: Fraction
    tips: Fraction
    debts: Fraction
    tax: Fraction
    cost: Fraction
    cost_known: Fraction


SIDE = {"good": "revenue", "service": "revenue", "gift_card": "advances", "prepayment": "advances", "tip": "tips"}


def cents(amount: Fraction) -> Fraction:
    """Half up to 2 places."""
    return Fraction(floor(amount * 100 + Fraction(1, 2)), 100)


def taken(line: LineOf) -> Fraction:
    """What the customer pays for a line, or gets for it, tax on top included."""
    if isinstance(line, e.ReturnLine):
        return Fraction(line.amount)
    if line.sum is None:
        price = cents(Fraction(line.quantity) * Fraction(line.price)) - Fraction(line.discount)
    else:
        price = Fraction(line.sum)
    return price + (Fraction(line.tax.amount) if line.tax and line.tax.on_top else 0)


def sides(lines: Iterable[LineOf], cost_of: CostOf) -> Sides:
    of = dict.fromkeys(("revenue", "advances", "tips", "debts"), Fraction(0))
    tax = cost = known = Fraction(0)
    for line in lines:
        side = SIDE.get(line.kind, "debts")
        of[side] += taken(line)
        tax += Fraction(line.tax.amount) if line.tax else 0
        unit = cost_of(line)
        if side == "revenue" and unit is not None:
            cost += cents(Fraction(line.quantity) * Fraction(unit))
            known += taken(line)
    return Sides(**of, tax=tax, cost=cost, cost_known=known)


def goods_and_discount(sale: e.SaleRegistered) -> tuple[Fraction, Fraction]:
    """The goods sum (each line rounded half up to 2 places, or as the till says) and the discount sum."""
    goods = discount = Fraction(0)
    for line in sale.lines:
        discount += Fraction(line.discount)
        if line.sum is None:
            goods += cents(Fraction(line.quantity) * Fraction(line.price))
        else:
            goods += Fraction(line.sum) + Fraction(line.discount)
    return goods, discount


def total(sale: e.SaleRegistered) -> Fraction:
    """Goods − discounts + rounding + tax that is on top."""
    goods, discount = goods_and_discount(sale)
    on_top = sum((Fraction(line.tax.amount) for line in sale.lines if line.tax and line.tax.on_top), Fraction(0))
    return goods - discount + Fraction(sale.rounding) + on_top


def paid(sale: e.SaleRegistered) -> Fraction:
    """Payments − change."""
    return sum((Fraction(payment.amount) for payment in sale.payments), Fraction(0)) - Fraction(sale.change)


def amount(back: e.SaleReturned) -> Fraction:
    return sum((Fraction(line.amount) for line in back.lines), Fraction(0))


def refunded(back: e.SaleReturned) -> Fraction:
    return sum((Fraction(refund.amount) for refund in back.refunds), Fraction(0))
