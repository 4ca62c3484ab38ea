"""A small independent model of the read models and the ledger, written from the contract alone.

It keeps every event in the order of application and recounts each figure from scratch when asked: the opposite of the
engine, which changes rows event by event. Money and quantities are `Fraction`, sums are plain loops.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from operator import attrgetter
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from schemas import events as e
from schemas.records import UploadRecord
from tests.projections import receipts
from tests.projections.costs import Costs

DAILY = (
    *("sales", "returns", "goods_sum", "discount_sum", "returns_sum", "revenue", "unreconciled"),
    *("tax_sum", "advances_sum", "tips_sum", "debts_sum", "cost_sum", "cost_known_sum", "voided"),
)
"""Columns of the daily report."""
DOCUMENTS: dict[type, tuple[str, ...]] = {
    e.SaleRegistered: ("sale_id",),
    e.SaleReturned: ("return_id",),
    e.StockMoved: ("move_id",),
    e.StockCounted: ("good_id", "warehouse_id", "at"),
    e.CashMoved: ("cash_id",),
    e.ShiftOpened: ("shift_id",),
    e.ShiftClosed: ("shift_id",),
}
"""The events that bring documents, each with what one is known by."""
MOVING = (e.SaleRegistered, e.SaleReturned, e.StockMoved)
"""Those of them that move stock."""
Shelf = tuple[str, str]
E = TypeVar("E")
FAR_AHEAD = datetime(9999, 1, 1, tzinfo=UTC)
"""As the moment at which a record came in: of no event could be said that its clock is ahead."""


class Applied(NamedTuple):
    """An event that took effect, its till, and when the record came in that it was read from."""

    till: str
    event: e.Event
    received_at: datetime = FAR_AHEAD


class Document(NamedTuple, Generic[E]):
    """A document's last content, the place among all events and the arrival of its first one, and what voided it."""

    place: int
    event: E
    received_at: datetime
    void: Any = None


def effective(at: datetime, received_at: datetime) -> datetime:
    """The earlier of the two; the arrival where `at` lies before 2000."""
    return received_at if at.astimezone(UTC).year < 2000 else min(at, received_at)


class RunModel:
    """One run: the first content read for each number stays, and numbers take effect in their order."""

    def __init__(self) -> None:
        self.content: dict[int, tuple[e.Event, datetime]] = {}  # with the arrival of its record
        self.through = 0
        self.given_up: set[int] = set()  # will never come
        self.gone: set[int] = set()  # passed over without content
        self.held_by_quarantine: set[int] = set()
        self.held_by_stub: set[int] = set()  # those of them that a stub alone speaks for
        self.read = self.applied = self.duplicate = self.discarded = 0

    @property
    def waiting(self) -> int:
        return sum(number > self.through for number in self.content)

    def read_number(
        self, number: int, event: e.Event | None, stub: bool = False, received_at: datetime = FAR_AHEAD
    ) -> None:
        """Takes in one event; None stands for one that can't be read, by `anonymise` already where it is a stub."""
        self.read += 1
        if number in self.gone:
            self.discarded += 1
        elif number in self.held_by_stub and event is not None:
            self.duplicate += 1  # the stub's event; this one is what it stood for
            self.held_by_quarantine.remove(number)
            self.held_by_stub.remove(number)
            self.content[number] = (event, received_at)
        elif number in self.content or number <= self.through or number in self.held_by_quarantine:
            self.duplicate += 1
        elif event is None:
            self.held_by_quarantine.add(number)
            if stub:
                self.held_by_stub.add(number)
        else:
            self.content[number] = (event, received_at)

    def turns(self) -> list[tuple[int, e.Event, datetime]]:
        """What takes effect now, with its number."""
        now = []
        while True:
            number = self.through + 1
            if number in self.content:
                now.append((number, *self.content[number]))
            elif number in self.given_up and number not in self.held_by_quarantine:
                self.gone.add(number)
            else:
                return now
            self.through = number


class OutletModel:
    """One outlet: its runs, and what was applied in order of application."""

    def __init__(self, zone: str) -> None:
        self.zone = ZoneInfo(zone)
        self.day_begins = 0
        self.imported: set[str] = set()  # the tills of importers
        self.runs: dict[tuple[str, str], RunModel] = {}
        self.applied: list[Applied] = []
        self.costs = Costs()
        self.origins: list[tuple[str, int]] = []  # of the same events: (run, number)
        self.withdrawn: list[tuple[str, str, int, e.EventWithdrawn, datetime]] = []
        self.forgotten: set[str] = set()
        self.removed = False

    def run(self, till: str, run: str) -> RunModel:
        return self.runs.setdefault((till, run), RunModel())

    def read(self, upload: UploadRecord, readable: bool = True, stub: bool = False) -> None:
        """Takes in an upload record of this outlet; with `stub`, what `anonymise` writes where it can't read it."""
        run = self.run(upload.till, upload.run)
        self.day_begins = upload.day_begins  # of an outlet's records all say the same
        if upload.imported:
            self.imported.add(upload.till)
        if self.removed:
            run.read += len(upload.events)
            run.discarded += len(upload.events)
            return
        for number, event in enumerate(upload.events, upload.first_seq):
            run.read_number(number, event if readable and not stub else None, stub, upload.received_at)
        self.release(upload.till, upload.run)

    def release(self, till: str, run_id: str) -> None:
        run = self.run(till, run_id)
        for number, event, received_at in run.turns():
            if isinstance(event, e.EventWithdrawn):
                run.discarded += 1
                self.withdrawn.append((till, run_id, number, event, received_at))
            else:
                run.applied += 1
                self.apply(till, event, received_at)
                self.origins.append((run_id, number))

    def apply(self, till: str, event: e.Event, received_at: datetime = FAR_AHEAD) -> None:
        """An event takes effect, with the costs that its lines take over."""
        self.applied.append(Applied(till, self.costs.taken_over(till, event), received_at))

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
        self.origins.clear()
        self.withdrawn.clear()
        for run in self.runs.values():
            run.discarded += run.waiting + len(run.held_by_quarantine)
            run.content = {number: event for number, event in run.content.items() if number <= run.through}
            run.held_by_quarantine.clear()
            run.held_by_stub.clear()

    # --- figures, recounted ---

    def documents(self, kind: type[E], id_field: str) -> dict[tuple[str, str], Document[E]]:
        """(till, id) → the document."""
        found: dict[tuple[str, str], Document[E]] = {}
        for place, (till, event, received_at) in enumerate(self.applied, 1):
            if isinstance(event, kind):
                key = (till, getattr(event, id_field))
                first = found.get(key)
                found[key] = Document(
                    *((first.place, event, first.received_at) if first else (place, event, received_at))
                )
        voids = self.voids(id_field)
        for key in voids.keys() & found.keys():
            document = found[key]
            found[key] = Document(document.place, document.event, document.received_at, voids[key][0])
        return found

    def voids(self, id_field: str) -> dict[tuple[str, str], tuple[e.SaleVoided | e.ReturnVoided, datetime]]:
        """(till, id) → the first void of a sale or return, and its arrival."""
        found: dict[tuple[str, str], tuple[e.SaleVoided | e.ReturnVoided, datetime]] = {}
        for till, event, received_at in self.applied:
            if isinstance(event, e.SaleVoided) and id_field == "sale_id":
                found.setdefault((till, event.sale_id), (event, received_at))
            if isinstance(event, e.ReturnVoided) and id_field == "return_id":
                found.setdefault((till, event.return_id), (event, received_at))
        return found

    @property
    def all_sales(self) -> dict[tuple[str, str], Document[e.SaleRegistered]]:
        return self.documents(e.SaleRegistered, "sale_id")

    @property
    def all_returns(self) -> dict[tuple[str, str], Document[e.SaleReturned]]:
        return self.documents(e.SaleReturned, "return_id")

    @property
    def sales(self) -> dict[tuple[str, str], Document[e.SaleRegistered]]:
        """Those that count: they were not voided and are no copies."""
        return self.counting(self.all_sales)

    @property
    def returns(self) -> dict[tuple[str, str], Document[e.SaleReturned]]:
        """Those that count: they were not voided and are no copies."""
        return self.counting(self.all_returns)

    def counting(self, documents: dict[tuple[str, str], Document[E]]) -> dict[tuple[str, str], Document[E]]:
        copies = self.copies(documents)
        return {key: each for key, each in documents.items() if each.void is None and key not in copies}

    def copies(self, documents: dict[tuple[str, str], Document[Any]]) -> set[tuple[str, str]]:
        """Those whose fiscal document is another one's, too, that stands for it: the till's own before an imported one,
        then one that was not voided, then the earlier."""
        groups: dict[tuple[str, str], list[tuple[bool, bool, int, tuple[str, str]]]] = {}
        for key, each in documents.items():
            if (fiscal := each.event.fiscal) is not None:
                rank = (key[0] in self.imported, each.void is not None, each.place, key)
                groups.setdefault((fiscal.fn, fiscal.fd), []).append(rank)
        return {key for group in groups.values() for *_, key in sorted(group)[1:]}

    @property
    def moves(self) -> dict[tuple[str, str], Document[e.StockMoved]]:
        return self.documents(e.StockMoved, "move_id")

    def sold(self) -> list[e.SaleRegistered]:
        return [sale.event for sale in self.sales.values()]

    def returned(self) -> list[e.SaleReturned]:
        return [back.event for back in self.returns.values()]

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def day(self, at: datetime) -> date:
        """The day that a moment counts to: that of the wall clock put back by the hours before the day begins."""
        return (self.local(at).replace(tzinfo=None) - timedelta(hours=self.day_begins)).date()

    def daily(self) -> dict[date, dict[str, Any]]:
        """day → column of the daily report → figure"""
        days: dict[date, dict[str, Any]] = {}

        def add(at: datetime, split: receipts.Sides, sign: int, **figures: Any) -> None:
            day = days.setdefault(self.day(at), dict.fromkeys(DAILY, 0))
            for side in ("tax", "advances", "tips", "debts", "cost", "cost_known"):
                day[f"{side}_sum"] += sign * getattr(split, side)
            for name, figure in figures.items():
                day[name] += figure

        for sale in self.sold():
            goods, discount = receipts.goods_and_discount(sale)
            split, total = self.sides(sale), receipts.total(sale)
            off, revenue = receipts.paid(sale) != total, self.revenue(sale)
            add(sale.at, split, 1, sales=1, goods_sum=goods, discount_sum=discount, revenue=revenue, unreconciled=off)
        for back in self.returned():
            amount, split = receipts.amount(back), self.sides(back)
            off = receipts.refunded(back) != amount
            add(back.at, split, -1, returns=1, returns_sum=amount, revenue=-split.revenue, unreconciled=off)
        for voided in self.all_sales.values():
            if voided.void is not None:
                day = days.setdefault(self.day(voided.event.at), dict.fromkeys(DAILY, 0))
                day["voided"] += 1
        return days

    def sides(self, document: e.SaleRegistered | e.SaleReturned) -> receipts.Sides:
        """The lines of a document by what they are."""
        return receipts.sides(document.lines, lambda line: line.cost)

    def revenue(self, sale: e.SaleRegistered) -> Fraction:
        """The total without advances, tips and debts paid off."""
        split = self.sides(sale)
        return receipts.total(sale) - split.advances - split.tips - split.debts

    def hourly(self) -> dict[tuple[date, int], tuple[int, Fraction]]:
        """(day, hour) → (sales, revenue)"""
        hours: dict[tuple[date, int], tuple[int, Fraction]] = {}

        def add(at: datetime, sales: int, revenue: Fraction) -> None:
            key = (self.day(at), self.local(at).hour)
            old = hours.get(key, (0, Fraction(0)))
            hours[key] = (old[0] + sales, old[1] + revenue)

        for sale in self.sold():
            add(sale.at, 1, self.revenue(sale))
        for returned in self.returned():
            add(returned.at, 0, -self.sides(returned).revenue)
        return hours

    def payments(self) -> dict[tuple[date, str], tuple[Fraction, int, int]]:
        """(day, method) → (payments − change − refunds, how many payments, how many refunds)"""
        found: dict[tuple[date, str], tuple[Fraction, int, int]] = {}

        def add(at: datetime, method: str, amount: Fraction, payments: int, refunds: int) -> None:
            key = (self.day(at), method)
            old = found.get(key, (Fraction(0), 0, 0))
            found[key] = (old[0] + amount, old[1] + payments, old[2] + refunds)

        for sale in self.sold():
            for payment in sale.payments:
                add(sale.at, payment.method, Fraction(payment.amount), 1, 0)
            add(sale.at, "cash", -Fraction(sale.change), 0, 0)
        for returned in self.returned():
            for refund in returned.refunds:
                add(returned.at, refund.method, -Fraction(refund.amount), 0, 1)
        return {key: figures for key, figures in found.items() if any(figures)}

    def contents(self, kind: type[E]) -> dict[tuple[str, Any], list[tuple[int, E]]]:
        """(till, id) → all contents of a document with their places, as they came."""
        found: dict[tuple[str, Any], list[tuple[int, E]]] = {}
        for place, (till, event, _) in enumerate(self.applied):
            if isinstance(event, kind):
                found.setdefault((till, id_of(event)), []).append((place, event))
        return found

    def counts(self) -> dict[tuple[str, str, str, datetime], Document[e.StockCounted]]:
        """(till, good, warehouse, moment) → the count that came first."""
        found: dict[tuple[str, str, str, datetime], Document[e.StockCounted]] = {}
        for place, (till, event, received_at) in enumerate(self.applied, 1):
            if isinstance(event, e.StockCounted):
                key = (till, event.good_id, event.warehouse_id, event.at)
                found.setdefault(key, Document(place, event, received_at))
        return found

    def movements(self) -> dict[Shelf, list[tuple[datetime, int, Fraction]]]:
        """Shelf → what moved its stock: (effective time, place of the document's first content, quantity)."""
        shelves: dict[Shelf, list[tuple[datetime, int, Fraction]]] = {}
        documents: list[Document[Any]] = [*self.sales.values(), *self.returns.values(), *self.moves.values()]
        for document in documents:
            at = effective(document.event.at, document.received_at)
            for shelf, quantity in shelf_lines(document.event):
                shelves.setdefault(shelf, []).append((at, document.place, quantity))
        return shelves

    def stock(self) -> dict[Shelf, Fraction]:
        """The greatest count and all that moved later than it; shelves at nought left out."""
        movements, counts = self.movements(), self.counts_in_force()
        found = {}
        for shelf in movements.keys() | counts.keys():
            at, place, quantity = counts.get(shelf, (datetime.min.replace(tzinfo=UTC), 0, Fraction(0)))
            later = [moved for when, turn, moved in movements.get(shelf, []) if (when, turn) > (at, place)]
            found[shelf] = quantity + sum(later, Fraction(0))
        return {shelf: quantity for shelf, quantity in found.items() if quantity}

    def counts_in_force(self) -> dict[Shelf, tuple[datetime, int, Fraction]]:
        """Shelf → (effective time, place, quantity) of its greatest count."""
        shelves: dict[Shelf, tuple[datetime, int, Fraction]] = {}
        for count in self.counts().values():
            shelf = (count.event.good_id, count.event.warehouse_id)
            known = (effective(count.event.at, count.received_at), count.place, Fraction(count.event.quantity))
            shelves[shelf] = max(shelves.get(shelf, known), known)
        return shelves

    def ever_moved(self) -> dict[Shelf, datetime]:
        """Shelf → the latest effective time of anything that ever moved it, replaced contents included."""
        shelves: dict[Shelf, datetime] = {}
        last: dict[type, dict[tuple[str, str], Document[Any]]] = {kind: {} for kind in MOVING}
        voids: dict[type, set[tuple[str, str]]] = {kind: set() for kind in MOVING}
        for place, (till, event, received_at) in enumerate(self.applied):
            kind, id = moved_by(event)
            if kind is None:
                continue
            key = (till, id)
            documents, before = last[kind], last[kind].get(key)
            if type(event) is kind:
                first = before or Document(place, event, received_at)
                documents[key] = Document(first.place, event, first.received_at, True if key in voids[kind] else None)
            else:
                voids[kind].add(key)
                if before is not None:
                    documents[key] = before._replace(void=True)
            # What may count now: the document itself, and those of the fiscal numbers that it has or had.
            said = {numbers_of(each.event) for each in (before, documents.get(key)) if each} - {None}
            group = {whose: each for whose, each in documents.items() if whose == key or numbers_of(each.event) in said}
            for document in (group if kind is e.StockMoved else self.counting(group)).values():
                at = effective(document.event.at, document.received_at)
                for shelf, _ in shelf_lines(document.event):
                    shelves[shelf] = max(shelves.get(shelf, at), at)
        return shelves

    def goods(self) -> dict[str, tuple[e.GoodSaved, bool]]:
        """id → (as last saved, whether removed since)"""
        found: dict[str, tuple[e.GoodSaved, bool]] = {}
        for _, event, _ in self.applied:
            if isinstance(event, e.GoodSaved):
                before = found[event.good_id][0] if event.good_id in found else event
                found[event.good_id] = (with_what_was_left_out(event, before), False)
            elif isinstance(event, e.GoodRemoved) and event.good_id in found:
                found[event.good_id] = (found[event.good_id][0], True)
        return found

    def contacts(self) -> dict[str, tuple[str, Fraction, Fraction, Fraction, bool]]:
        """id → (name, purchases, debt, points, whether removed since)"""
        found: dict[str, tuple[str, Fraction, Fraction, Fraction, bool]] = {}
        for _, event, _ in self.applied:
            if isinstance(event, e.ContactSaved):
                name = "" if event.contact_id in self.forgotten else event.name
                figures = Fraction(event.purchases_total), Fraction(event.debt), Fraction(event.points)
                found[event.contact_id] = (name, *figures, False)
            elif isinstance(event, e.ContactRemoved) and event.contact_id in found:
                found[event.contact_id] = (*found[event.contact_id][:4], True)
        return found

    def warehouses(self) -> dict[str, str]:
        saved = [event for _, event, _ in self.applied if isinstance(event, e.WarehouseSaved)]
        return {event.warehouse_id: event.name for event in saved}

    def totals(self) -> tuple[int, int, datetime] | None:
        """(goods on the lists, sales, data through); None before the first event."""
        if not self.applied:
            return None
        listed = sum(not removed for _, removed in self.goods().values())
        return listed, len(self.sales), max(self.moments())

    def moments(self) -> Iterator[datetime]:
        """The effective time of each event: a document's arrival is that of its first content."""
        arrivals: dict[tuple[str, type, Any], datetime] = {}
        for till, event, received_at in self.applied:
            if type(event) in DOCUMENTS:
                document = (till, type(event), id_of(event))
                received_at = arrivals.setdefault(document, received_at)
            yield effective(event.at, received_at)


def shelf_lines(event: e.SaleRegistered | e.SaleReturned | e.StockMoved) -> list[tuple[Shelf, Fraction]]:
    """What a document does to the stock of each shelf, line by line."""
    match event:
        case e.StockMoved():
            return [((event.good_id, event.warehouse_id), Fraction(event.quantity))]
        case _:
            sign = -1 if isinstance(event, e.SaleRegistered) else 1
            return [
                ((line.good_id, line.warehouse_id or "main"), sign * Fraction(line.quantity))
                for line in event.lines
                if line.kind == "good"
            ]


def moved_by(event: e.Event) -> tuple[type[Any] | None, str]:
    """The kind and the id of the document that an event brings or voids, where those move stock."""
    match event:
        case e.SaleVoided():
            return e.SaleRegistered, event.sale_id
        case e.ReturnVoided():
            return e.SaleReturned, event.return_id
        case e.SaleRegistered() | e.SaleReturned() | e.StockMoved():
            return type(event), id_of(event)
        case _:
            return None, ""


def numbers_of(event: Any) -> tuple[str, str] | None:
    """The fiscal numbers by which a receipt counts once."""
    fiscal = getattr(event, "fiscal", None)
    return None if fiscal is None else (fiscal.fn, fiscal.fd)


def id_of(event: Any) -> Any:
    """What a document is known by, beside its outlet and till."""
    return attrgetter(*DOCUMENTS[type(event)])(event)


def with_what_was_left_out(good: e.GoodSaved, before: e.GoodSaved) -> e.GoodSaved:
    """The good, with what the second edition lets tills leave out as it was before."""
    names = ("max_price", "article", "unit", "cost", "min_stock")
    return replace(good, **{name: getattr(before, name) for name in names if getattr(good, name) is None})
