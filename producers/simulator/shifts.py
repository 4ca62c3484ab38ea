"""The shifts of a simulated till: what lies in its drawer, and what its Z-report says. Kopecks."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random
from typing import Any

from producers.simulator.catalogue import money

FLOAT = 3_000_00
"""What lies in a drawer in the morning."""


class Shift:
    """One day of a till; its id depends on the day alone, as the ids of receipts do. `again`: a later one."""

    def __init__(self, till: int, day: date, again: str, cashier: str, cashier_id: str) -> None:
        self.day = day
        self.shift_id = f"sh{till}-{day:%y%m%d}{again}"
        self.whose = {"cashier": cashier, "cashier_id": cashier_id}
        self._number = str(day.toordinal() - date(2020, 1, 1).toordinal())
        self._cash = FLOAT
        self._sales = self._returns = self._receipts = 0
        self._methods: Counter[str] = Counter()

    def opened(self, at: str) -> dict[str, Any]:
        return {"type": "shift.opened", "at": at, **self._named, "cash": money(FLOAT), **self.whose}

    def sold(self, sale: dict[str, Any], total: int) -> None:
        """A sale of the shift, of so many kopecks; what was paid for it may be something else."""
        self._sales += total
        self._receipts += 1
        for payment in sale["payments"]:
            self._methods[payment["method"]] += kopecks(payment["amount"])
        self._methods["cash"] -= kopecks(sale["change"])

    def gave_back(self, back: dict[str, Any]) -> None:
        self._returns += sum(kopecks(line["amount"]) for line in back["lines"])
        for refund in back["refunds"]:
            self._methods[refund["method"]] -= kopecks(refund["amount"])

    def taken_out(self, at: str) -> dict[str, Any] | None:
        """In the evening what is over goes to the bank, in hundreds; None where nothing is."""
        over = (self._cash + self._methods["cash"] - FLOAT) // 100_00 * 100_00
        if over <= 0:
            return None
        self._cash -= over
        event = {"type": "cash.moved", "at": at, "cash_id": f"{self.shift_id}-bank", "amount": money(-over)}
        return {**event, "reason": "withdrawal", "shift_id": self.shift_id, "note": "Инкассация"}

    def closed(self, at: str, random: Random) -> dict[str, Any]:
        """The Z-report; one count in fifteen finds a little too much or too little."""
        off = random.choice([-100_00, -50_00, 10_00]) if random.random() < 1 / 15 else 0
        drawer = max(0, self._cash + self._methods["cash"] + off)
        methods = [{"method": name, "amount": money(sum_)} for name, sum_ in sorted(self._methods.items()) if sum_ >= 0]
        totals = {"sales": money(self._sales), "returns": money(self._returns), "receipts": self._receipts}
        event = {"type": "shift.closed", "at": at, **self._named, "cash": money(drawer), **self.whose}
        return {**event, "totals": {**totals, "by_method": methods}}

    @property
    def _named(self) -> dict[str, str]:
        return {"shift_id": self.shift_id, "number": self._number}


def kopecks(amount: str) -> int:
    """The contract's decimal string, of exactly two places, in kopecks."""
    return int(amount.replace(".", ""))
