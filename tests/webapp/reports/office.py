"""A shop with a few weeks of random sales, kept as plain Python so that a test can count them again by itself."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from tests.webapp.shop import Shop, counted, good

MOSCOW = ZoneInfo("Europe/Moscow")
NOW = datetime(2026, 11, 24, 14, 2, 30, tzinfo=MOSCOW)
METHODS = ("cash", "card", "sbp", "points")
_SHIFT = {"at": "2026-11-24T09:00:00+03:00", "shift_id": "sh1", "number": "1", "cash": "100.00"}
HOSTILE = '=cmd|"/C calc"!A0 <script>alert(1)</script>'
GOODS = {
    "g1": ("Чай чёрный", "Чай", "189.00"),
    "g2": ("Кофе молотый", "Кофе", "420.50"),
    "g/3": ("Мёд «Липовый»", "Бакалея", "650.00"),
    "g4": (HOSTILE, "+Группа", "10.35"),
}


class Receipt(Struct, frozen=True):
    """A sale or a return as the test knows it; a return's amounts are negative."""

    outlet: str
    kind: str
    number: str
    at: datetime
    total: Decimal
    discount: Decimal
    methods: dict[str, Decimal]
    goods: dict[str, Decimal]
    off: Decimal

    @property
    def day(self) -> str:
        return self.at.date().isoformat()


class Office:
    """The shop, its receipts, and sums of them that owe nothing to SQL or to the folds."""

    def __init__(self, postgres: str, seed: int = 5) -> None:
        self.shop = Shop(postgres, outlets=("Чайная", "Кофейня"))
        self.receipts: list[Receipt] = []
        self.stock: dict[tuple[str, str], Decimal] = {}
        chance = random.Random(seed)
        for name, outlet in self.shop.outlets.items():
            events = [good(key, *text[:2], max_price=text[2]) for key, text in GOODS.items()]
            events += [counted("g1", "500"), counted("g2", "20.5"), counted("g2", "4", "back")]
            self.stock |= {(outlet, key): Decimal(0) for key in GOODS}
            self.stock |= {(outlet, "g1"): Decimal(500), (outlet, "g2"): Decimal("24.5")}
            for number in range(160):
                events += self._sale(outlet, f"{name[0]}{number:04}", chance)
            events += [
                _contact(f"c{i}", f"{surname} И.О.", i) for i, surname in enumerate(("Ёлкина", "Бобров", "@Зло"))
            ]
            events.append({**_SHIFT, "type": "shift.opened"})
            self.shop.send(*events, outlet=outlet)

    def _sale(self, outlet: str, number: str, chance: random.Random) -> Iterable[dict[str, Any]]:
        at = NOW - timedelta(days=chance.randrange(45), minutes=chance.randrange(600), seconds=chance.randrange(60))
        lines, goods, goods_sum, discounts = [], {}, Decimal(0), Decimal(0)
        for key in chance.sample(sorted(GOODS), chance.randint(1, 3)):
            quantity, discount = chance.choice(["1", "2", "0.335"]), chance.choice(["0", "0", "1.15"])
            price = GOODS[key][2]
            lines.append({"good_id": key, "name": GOODS[key][0], "quantity": quantity, "price": price})
            lines[-1]["discount"] = discount
            amount = (Decimal(quantity) * Decimal(price)).quantize(Decimal("0.01"), ROUND_HALF_UP)
            goods[key] = amount - Decimal(discount)
            self.stock[outlet, key] -= Decimal(quantity)
            goods_sum, discounts = goods_sum + amount, discounts + Decimal(discount)
        total = goods_sum - discounts
        off = Decimal("-1.50") if chance.random() < 0.04 else Decimal(0)
        method = chance.choice(METHODS)
        change = Decimal("50.00") if method == "cash" else Decimal(0)
        paid = {method: total + off}
        payments = [{"method": method, "amount": f"{total + off + change:.2f}"}]
        yield {
            "type": "sale.registered",
            "at": at.isoformat(),
            "sale_id": f"s-{number}",
            "number": number,
            "lines": lines,
            "payments": payments,
            "change": str(change),
        }
        self.receipts.append(Receipt(outlet, "sale", number, at, total, discounts, paid, goods, off))
        if chance.random() < 0.15:
            key, amount = next(iter(goods.items()))
            later = min(at + timedelta(hours=chance.randrange(40)), NOW - timedelta(minutes=1))
            line = {"good_id": key, "quantity": "0.1", "amount": f"{amount:.2f}"}
            refund = {"method": method, "amount": f"{amount:.2f}"}
            back = {"return_id": f"r-{number}", "sale_id": f"s-{number}", "lines": [line], "refunds": [refund]}
            yield {"type": "sale.returned", "at": later.isoformat(), **back}
            lost = {key: -amount}
            self.stock[outlet, key] += Decimal("0.1")
            self.receipts.append(
                Receipt(
                    outlet, "return", f"r-{number}", later, -amount, Decimal(0), {method: -amount}, lost, Decimal(0)
                )
            )

    def where(self, condition: Callable[[Receipt], bool]) -> list[Receipt]:
        return [receipt for receipt in self.receipts if condition(receipt)]

    @property
    def account_id(self) -> UUID:
        return self.shop.account_id


def _contact(contact_id: str, name: str, i: int) -> dict[str, Any]:
    figures = {"purchases_total": f"{i * 100}.50", "debt": f"{i * 10 - 10}", "points": f"{i}"}
    return {
        "type": "contact.saved",
        "at": "2026-11-01T10:00:00+03:00",
        "contact_id": contact_id,
        "name": name,
        **figures,
    }
