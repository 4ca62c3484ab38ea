"""A small independent model of the read models and the ledger, written from the contract alone.

It keeps every event in the order of application and recounts each figure from scratch when asked: the opposite of the
engine, which changes rows event by event. Money and quantities are `Fraction`, sums are plain loops.
"""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

from schemas import events as e
from schemas.records import UploadRecord

Shelf = tuple[str, str]


class RunModel:
    """One run: the first content read for each number stays, and numbers take effect in their order."""

    def __init__(self) -> None:
        self.content: dict[int, e.Event] = {}
        self.through = 0
        self.given_up: set[int] = set()  # will never come
        self.gone: set[int] = set()  # passed over without content
        self.held_by_quarantine: set[int] = set()
        self.held_by_stub: set[int] = set()  # those of them that a stub alone speaks for
        self.read = self.applied = self.duplicate = self.discarded = 0

    @property
    def waiting(self) -> int:
        return sum(number > self.through for number in self.content)

    def read_number(self, number: int, event: e.Event | None, stub: bool = False) -> None:
        """Takes in one event; None stands for one that can't be read, by `anonymise` already where it is a stub."""
        self.read += 1
        if number in self.gone:
            self.discarded += 1
        elif number in self.held_by_stub and event is not None:
            self.duplicate += 1  # the stub's event; this one is what it stood for
            self.held_by_quarantine.remove(number)
            self.held_by_stub.remove(number)
            self.content[number] = event
        elif number in self.content or number <= self.through or number in self.held_by_quarantine:
            self.duplicate += 1
        elif event is None:
            self.held_by_quarantine.add(number)
            if stub:
                self.held_by_stub.add(number)
        else:
            self.content[number] = event

    def turns(self) -> list[e.Event]:
        """What takes effect now."""
        now = []
        while True:
            number = self.through + 1
            if number in self.content:
                now.append(self.content[number])
            elif number in self.given_up and number not in self.held_by_quarantine:
                self.gone.add(number)
            else:
                return now
            self.through = number


class OutletModel:
    """One outlet: its runs, and what was applied in order of application."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.runs: dict[tuple[str, str], RunModel] = {}
        self.applied: list[tuple[str, e.Event]] = []  # (till, event)
        self.forgotten: set[str] = set()
        self.removed = False

    def run(self, till: str, run: str) -> RunModel:
        return self.runs.setdefault((till, run), RunModel())

    def read(self, upload: UploadRecord, readable: bool = True, stub: bool = False) -> None:
        """Takes in an upload record of this outlet; with `stub`, what `anonymise` writes where it can't read it."""
        run = self.run(upload.till, upload.run)
        if self.removed:
            run.read += len(upload.events)
            run.discarded += len(upload.events)
            return
        for number, event in enumerate(upload.events, upload.first_seq):
            run.read_number(number, event if readable and not stub else None, stub)
        self.release(upload.till, upload.run)

    def release(self, till: str, run_id: str) -> None:
        run = self.run(till, run_id)
        for event in run.turns():
            if isinstance(event, e.EventWithdrawn):
                run.discarded += 1
            else:
                run.applied += 1
                self.applied.append((till, event))

    def give_up(self, till: str, run: str, first: int, last: int) -> None:
        self.run(till, run).given_up.update(range(first, last + 1))
        self.release(till, run)

    def discard(self, till: str, run_id: str, first: int, last: int) -> None:
        """Gives up what is quarantined between the two numbers (whole pieces, in these tests)."""
        run = self.run(till, run_id)
        gone = run.held_by_quarantine & set(range(first, last + 1))
        run.held_by_quarantine -= gone
        run.held_by_stub -= gone
        run.discarded += len(gone)
        run.given_up |= gone
        self.release(till, run_id)

    def remove(self) -> None:
        self.removed = True
        self.applied.clear()
        for run in self.runs.values():
            run.discarded += run.waiting + len(run.held_by_quarantine)
            run.content = {number: event for number, event in run.content.items() if number <= run.through}
            run.held_by_quarantine.clear()
            run.held_by_stub.clear()

    # --- figures, recounted ---

    def documents(self, kind: type[Any], id_field: str) -> dict[tuple[str, str], tuple[int, Any]]:
        """(till, id) → (place of the first appearance, the last content)."""
        found: dict[tuple[str, str], tuple[int, Any]] = {}
        for place, (till, event) in enumerate(self.applied, 1):
            if isinstance(event, kind):
                key = (till, getattr(event, id_field))
                found[key] = (found[key][0] if key in found else place, event)
        return found

    @property
    def sales(self) -> dict[tuple[str, str], tuple[int, e.SaleRegistered]]:
        return self.documents(e.SaleRegistered, "sale_id")

    @property
    def returns(self) -> dict[tuple[str, str], tuple[int, e.SaleReturned]]:
        return self.documents(e.SaleReturned, "return_id")

    @property
    def moves(self) -> dict[tuple[str, str], tuple[int, e.StockMoved]]:
        return self.documents(e.StockMoved, "move_id")

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def daily(self) -> dict[date, tuple[Any, ...]]:
        """day → (sales, returns, goods sum, discount sum, returns sum, revenue, receipts that do not add up)"""
        days: dict[date, list[Any]] = {}
        for _, sale in self.sales.values():
            day = days.setdefault(self.local(sale.at).date(), [0] * 7)
            goods, discount = sums(sale)
            day[0] += 1
            day[2] += goods
            day[3] += discount
            day[5] += goods - discount
            day[6] += sum(Fraction(p.amount) for p in sale.payments) - Fraction(sale.change) != goods - discount
        for _, returned in self.returns.values():
            day = days.setdefault(self.local(returned.at).date(), [0] * 7)
            amount = sum((Fraction(line.amount) for line in returned.lines), Fraction(0))
            day[1] += 1
            day[4] += amount
            day[5] -= amount
            day[6] += sum(Fraction(r.amount) for r in returned.refunds) != amount
        return {day: tuple(figures) for day, figures in days.items()}

    def hourly(self) -> dict[tuple[date, int], tuple[int, Fraction]]:
        """(day, hour) → (sales, revenue)"""
        hours: dict[tuple[date, int], tuple[int, Fraction]] = {}

        def add(at: datetime, sales: int, revenue: Fraction) -> None:
            key = (self.local(at).date(), self.local(at).hour)
            old = hours.get(key, (0, Fraction(0)))
            hours[key] = (old[0] + sales, old[1] + revenue)

        for _, sale in self.sales.values():
            goods, discount = sums(sale)
            add(sale.at, 1, goods - discount)
        for _, returned in self.returns.values():
            add(returned.at, 0, -sum((Fraction(line.amount) for line in returned.lines), Fraction(0)))
        return hours

    def payments(self) -> dict[tuple[date, str], tuple[Fraction, int, int]]:
        """(day, method) → (payments − change − refunds, how many payments, how many refunds)"""
        found: dict[tuple[date, str], tuple[Fraction, int, int]] = {}

        def add(at: datetime, method: str, amount: Fraction, payments: int, refunds: int) -> None:
            key = (self.local(at).date(), method)
            old = found.get(key, (Fraction(0), 0, 0))
            found[key] = (old[0] + amount, old[1] + payments, old[2] + refunds)

        for _, sale in self.sales.values():
            for payment in sale.payments:
                add(sale.at, payment.method, Fraction(payment.amount), 1, 0)
            add(sale.at, "cash", -Fraction(sale.change), 0, 0)
        for _, returned in self.returns.values():
            for refund in returned.refunds:
                add(returned.at, refund.method, -Fraction(refund.amount), 0, 1)
        return {key: figures for key, figures in found.items() if any(figures)}

    def stock(self) -> dict[Shelf, Fraction]:
        """The last count + moves − sold + returned after it; shelves at nought left out."""
        counted: dict[Shelf, tuple[int, Fraction]] = {}
        for place, (_, event) in enumerate(self.applied, 1):
            if isinstance(event, e.StockCounted):
                counted[event.good_id, event.warehouse_id] = (place, Fraction(event.quantity))
        shelves = {shelf: quantity for shelf, (_, quantity) in counted.items()}

        def add(shelf: Shelf, place: int, quantity: Fraction) -> None:
            if place > counted.get(shelf, (0, 0))[0]:
                shelves[shelf] = shelves.get(shelf, Fraction(0)) + quantity

        for place, sale in self.sales.values():
            for line in sale.lines:
                add((line.good_id, line.warehouse_id or "main"), place, -Fraction(line.quantity))
        for place, returned in self.returns.values():
            for back in returned.lines:
                add((back.good_id, back.warehouse_id or "main"), place, Fraction(back.quantity))
        for place, move in self.moves.values():
            add((move.good_id, move.warehouse_id), place, Fraction(move.quantity))
        return {shelf: quantity for shelf, quantity in shelves.items() if quantity}

    def goods(self) -> dict[str, tuple[e.GoodSaved, bool]]:
        """id → (as last saved, whether removed since)"""
        found: dict[str, tuple[e.GoodSaved, bool]] = {}
        for _, event in self.applied:
            if isinstance(event, e.GoodSaved):
                found[event.good_id] = (event, False)
            elif isinstance(event, e.GoodRemoved) and event.good_id in found:
                found[event.good_id] = (found[event.good_id][0], True)
        return found

    def contacts(self) -> dict[str, tuple[str, Fraction, Fraction, Fraction, bool]]:
        """id → (name, purchases, debt, points, whether removed since)"""
        found: dict[str, tuple[str, Fraction, Fraction, Fraction, bool]] = {}
        for _, event in self.applied:
            if isinstance(event, e.ContactSaved):
                name = "" if event.contact_id in self.forgotten else event.name
                figures = Fraction(event.purchases_total), Fraction(event.debt), Fraction(event.points)
                found[event.contact_id] = (name, *figures, False)
            elif isinstance(event, e.ContactRemoved) and event.contact_id in found:
                found[event.contact_id] = (*found[event.contact_id][:4], True)
        return found

    def warehouses(self) -> dict[str, str]:
        saved = [event for _, event in self.applied if isinstance(event, e.WarehouseSaved)]
        return {event.warehouse_id: event.name for event in saved}

    def totals(self) -> tuple[int, int, datetime] | None:
        """(goods on the lists, sales, data through); None before the first event."""
        if not self.applied:
            return None
        listed = sum(not removed for _, removed in self.goods().values())
        return listed, len(self.sales), max(event.at for _, event in self.applied)


def sums(sale: e.SaleRegistered) -> tuple[Fraction, Fraction]:
    """The goods sum (each line rounded half up to 2 places) and the discount sum."""
    goods = Fraction(0)
    for line in sale.lines:
        goods += Fraction(floor(Fraction(line.quantity) * Fraction(line.price) * 100 + Fraction(1, 2)), 100)
    return goods, sum((Fraction(line.discount) for line in sale.lines), Fraction(0))
