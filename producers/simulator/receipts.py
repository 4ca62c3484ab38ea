"""Receipts of a simulated shop: what is bought, how it is paid, what comes back. Kopecks and thousandths."""

from __future__ import annotations

from random import Random
from typing import Any

from msgspec import Struct

from producers.simulator.catalogue import Customer, Good, money, quantity
from producers.simulator.kinds import Kind
from producers.simulator.shifts import Shift

_NOTES = [5000_00, 2000_00, 1000_00, 500_00, 100_00, 50_00, 10_00]


class Position(Struct):
    """A line of a receipt; `left` is what has not been returned, `net` what was paid for all of it."""

    good: Good
    quantity: int
    price: int
    discount: int
    warehouse: str
    net: int
    left: int


class Beside(Struct, frozen=True):
    """A line that is no revenue: an advance, a tip, a debt paid off."""

    kind: str
    name: str
    amount: int


class Receipt(Struct):
    """A receipt that was closed, kept for a while because something of it may come back. `rounding` is added to what
    its positions come to, and what stands `beside` them."""

    sale_id: str
    positions: list[Position]
    payments: list[tuple[str, int]]
    change: int
    beside: list[Beside] = []
    rounding: int = 0

    @property
    def revenue(self) -> int:
        return sum(position.net for position in self.positions) + self.rounding

    @property
    def total(self) -> int:
        return self.revenue + sum(line.amount for line in self.beside)


def bought(kind: Kind, goods: list[Good], warehouses: list[str], random: Random) -> list[Position]:
    """What one customer takes: some goods sell far better than others, one line in eight has something off."""
    positions = []
    lines = min(1 + int(random.expovariate(2.2 / kind.basket)), kind.basket + 4)
    for good in {int(len(goods) * random.random() ** 2): None for _ in range(lines)}:
        chosen = goods[good]
        amount = random.randrange(100, 2500, 5) if chosen.by_weight else 1000 * random.choice([1, 1, 1, 1, 2, 2, 3])
        full = (amount * chosen.price + 500) // 1000
        discount = full * random.choice([5, 7, 10, 15, 20]) // 100 if random.random() < 0.12 else 0
        warehouse = warehouses[0] if random.random() < 0.97 else random.choice(warehouses)
        positions.append(Position(chosen, amount, chosen.price, discount, warehouse, full - discount, amount))
    return positions


def beside(kind: Kind, goods: int, customer: Customer | None, random: Random) -> list[Beside]:
    """What a customer pays for beside the goods, which come to so many kopecks: now and then an advance or a debt."""
    lines = []
    if kind.advance and random.random() < 0.03:
        name = "Подарочный сертификат" if kind.advance == "gift_card" else "Предоплата заказа"
        lines.append(Beside(kind.advance, name, random.choice([1000_00, 2000_00, 3000_00, 5000_00])))
    if customer and customer.debt and random.random() < 0.3:
        lines.append(Beside("debt", "Погашение долга", customer.debt))
    if random.random() < kind.tips:
        lines.append(Beside("tip", "Чаевые", max(20_00, goods * random.choice([5, 10]) // 100 // 10_00 * 10_00)))
    return lines


def paid(
    kind: Kind, total: int, customer: Customer | None, random: Random, advance: int = 0
) -> tuple[list[tuple[str, int]], int]:
    """The payments of a receipt and the change given: cash in round notes, now and then two or three methods.

    Of an `advance` that the customer paid before, as much is taken as there is to pay."""
    payments: list[tuple[str, int]] = []
    left = total
    if advance:
        payments, left = [(kind.advance, min(advance, left))], left - min(advance, left)
        if not left:
            return payments, 0
    if customer and customer.points >= 10_00 and random.random() < 0.3:
        points = min(customer.points, left // 2)
        payments, left = [*payments, ("points", points)], left - points
    if customer and kind.lends and customer.debt < 5000_00 and random.random() < 0.06:
        return [*payments, ("credit", left)], 0
    methods = [method for method in kind.methods if method != "credit" or customer]
    weights = [kind.methods[method] for method in methods]
    if left > 100_00 and random.random() < 0.08:
        part = left * random.randint(20, 80) // 100 // 100 * 100
        payments, left = [*payments, (random.choice(["card", "sbp"]), part)], left - part
    [method] = random.choices(methods, weights)
    if method != "cash":
        return [*payments, (method, left)], 0
    given = left if random.random() < 0.25 else _in_notes(left, random)
    return [*payments, ("cash", given)], given - left


def rounded(receipt: Receipt) -> Receipt:
    """The receipt without kopecks, in the customer's favour, where all of it was paid in cash."""
    kopecks = receipt.total % 100
    if [method for method, _ in receipt.payments] != ["cash"] or receipt.total < 100:
        return receipt
    [(_, given)] = receipt.payments
    exact = given == receipt.total
    payments, change = [("cash", given - kopecks if exact else given)], receipt.change + (0 if exact else kopecks)
    return Receipt(receipt.sale_id, receipt.positions, payments, change, receipt.beside, -kopecks)


def _in_notes(amount: int, random: Random) -> int:
    """The amount rounded up to notes that a customer may well have at hand."""
    note = random.choice([note for note in _NOTES if note <= max(amount * 2, 1000_00)])
    return -(-amount // note) * note


def sale_registered(
    receipt: Receipt, number: str, at: str, shift: Shift, customer: Customer | None, off_by: int, tax: int
) -> dict[str, Any]:
    """The event of a closed receipt; `off_by` kopecks are paid too much or too little, as by a till with a fault."""
    payments = [{"method": method, "amount": money(amount)} for method, amount in receipt.payments]
    if off_by:
        method, amount = receipt.payments[-1]
        payments[-1] = {"method": method, "amount": money(max(amount + off_by, 0))}
    event: dict[str, Any] = {
        "type": "sale.registered",
        "at": at,
        "sale_id": receipt.sale_id,
        "number": number,
        "lines": [
            {
                "good_id": position.good.good_id,
                "name": position.good.name,
                "quantity": quantity(position.quantity),
                "price": money(position.price),
                "discount": money(position.discount),
                "warehouse_id": position.warehouse,
                "unit": "кг" if position.good.by_weight else "шт",
                "tax": _tax(position.net, tax),
            }
            for position in receipt.positions
        ]
        + [_beside(line) for line in receipt.beside],
        "payments": payments,
        "change": money(receipt.change),
        **shift.whose,
        "shift_id": shift.shift_id,
    }
    if receipt.rounding:
        event["rounding"] = money(receipt.rounding)
    return {**event, "contact_id": customer.contact_id} if customer else event


def _beside(line: Beside) -> dict[str, str]:
    """The line of what is no good; it has no tax."""
    event = {"good_id": line.kind, "name": line.name, "quantity": "1", "price": money(line.amount)}
    return {**event, "discount": "0.00", "kind": line.kind}


def sale_voided(sale: dict[str, Any], at: str, shift: Shift) -> dict[str, Any]:
    """The event of a receipt that was a mistake."""
    return {"type": "sale.voided", "at": at, "sale_id": sale["sale_id"], "reason": "ошибка кассира", **shift.whose}


def return_voided(back: dict[str, Any], at: str, shift: Shift) -> dict[str, Any]:
    """The event of a return that was a mistake."""
    return {
        "type": "return.voided",
        "at": at,
        "return_id": back["return_id"],
        "reason": "ошибка кассира",
        **shift.whose,
    }


def _tax(amount: int, rate: int) -> dict[str, str]:
    """The VAT in an amount."""
    return {"rate": str(rate), "amount": money((amount * rate * 2 + 100 + rate) // (2 * (100 + rate)))}


def returned(
    receipt: Receipt, return_id: str, at: str, shift: Shift, random: Random, tax: int
) -> dict[str, Any] | None:
    """The event of a return of all or some of a receipt; None where nothing of it is left. Changes what is left."""
    left = [position for position in receipt.positions if position.left]
    if not left:
        return None
    if random.random() < 0.6:
        left = [random.choice(left)]
    lines, total = [], 0
    for position in left:
        back = position.left
        if not position.good.by_weight and back > 1000 and random.random() < 0.5:
            back = 1000
        amount = (
            position.net * position.left // position.quantity
            - position.net * (position.left - back) // position.quantity
        )
        position.left -= back
        position.good.stock[position.warehouse] += back
        total += amount
        lines.append(
            {
                "good_id": position.good.good_id,
                "quantity": quantity(back),
                "amount": money(amount),
                "warehouse_id": position.warehouse,
                "name": position.good.name,
                "tax": _tax(amount, tax),
            }
        )
    method = max(receipt.payments, key=lambda payment: payment[1])[0]
    return {
        "type": "sale.returned",
        "at": at,
        "return_id": return_id,
        "sale_id": receipt.sale_id,
        "lines": lines,
        "refunds": [{"method": method, "amount": money(total)}],
        **shift.whose,
        "shift_id": shift.shift_id,
    }
