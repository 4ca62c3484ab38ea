"""The costs that lines take over which say none, by the contract: found in all that was applied before."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from schemas import events as e


class Costs:
    """Goes through all that an outlet applies, in that order, and remembers what later lines may take over."""

    def __init__(self) -> None:
        self._turn = 0
        self._of_goods: dict[str, list[tuple[int, Decimal]]] = {}  # each cost that was saved, with its turn
        self._first: dict[tuple[str, tuple[str, str]], int] = {}  # the turn in which a document's content first came
        self._contents: dict[tuple[str, tuple[str, str]], Any] = {}  # the last content of each document of a till
        self._sales: dict[str, dict[str, e.SaleRegistered]] = {}  # id → till → the same of sales

    def taken_over(self, till: str, event: e.Event) -> e.Event:
        """The event as it counts: each line without a cost has the one that it takes over, if there is any."""
        self._turn += 1
        if isinstance(event, e.GoodSaved) and event.cost is not None:
            self._of_goods.setdefault(event.good_id, []).append((self._turn, event.cost))
        if not isinstance(event, e.SaleRegistered | e.SaleReturned):
            return event
        self._first.setdefault((till, _id(event)), self._turn)
        costs = [self._cost(till, event, line) if line.cost is None else line.cost for line in event.lines]
        lines: list[Any] = [replace(line, cost=cost) for line, cost in zip(event.lines, costs, strict=True)]
        counted = replace(event, lines=lines)
        self._contents[till, _id(event)] = counted
        if isinstance(counted, e.SaleRegistered):
            self._sales.setdefault(counted.sale_id, {})[till] = counted
        return counted

    def _cost(self, till: str, event: e.SaleRegistered | e.SaleReturned, line: Any) -> Decimal | None:
        content = self._contents.get((till, _id(event)))
        for had in content.lines if content else ():  # it comes again: what it had stays
            if had.good_id == line.good_id:
                cost: Decimal | None = had.cost
                return cost
        if isinstance(event, e.SaleReturned) and event.sale_id is not None:
            for sold in self._sold_lines(till, event, event.sale_id):
                if sold.good_id == line.good_id and sold.cost is not None:
                    return sold.cost
        saved = self._of_goods.get(line.good_id, [])
        return next((cost for turn, cost in reversed(saved) if turn < self._first[till, _id(event)]), None)

    def _sold_lines(self, till: str, back: e.SaleReturned, sale_id: str) -> list[e.Line]:
        """The lines of the latest sale of that id that is not later than the return, of its own till, else of any."""
        last = self._sales.get(sale_id, {})
        earlier = {whose: sale for whose, sale in last.items() if sale.at <= back.at}
        if till in earlier:
            return earlier[till].lines
        found = sorted((sale.at, whose) for whose, sale in earlier.items())
        return earlier[found[-1][1]].lines if found else []


def _id(event: e.SaleRegistered | e.SaleReturned) -> tuple[str, str]:
    return ("sale", event.sale_id) if isinstance(event, e.SaleRegistered) else ("return", event.return_id)
