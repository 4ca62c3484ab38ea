"""One simulated shop: what it does in the morning, at a sale, over the weeks. Pure: time and chance are passed in."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime, timedelta, tzinfo
from random import Random
from typing import Any

from msgspec import Struct

from producers.simulator.catalogue import (
    Customer,
    Good,
    contact_saved,
    ean13,
    good_saved,
    goods_of,
    person,
    quantity,
)
from producers.simulator.kinds import KINDS, Kind
from producers.simulator.receipts import (
    Receipt,
    beside,
    bought,
    paid,
    return_voided,
    returned,
    rounded,
    sale_registered,
    sale_voided,
)
from producers.simulator.shifts import Shift

Event = dict[str, Any]
TillEvent = tuple[int, Event]
"""An event and the till (1, 2, …) that reports it."""

_REMEMBERED = 300  # receipts that something may still be returned of
_DOES_NOT_RECONCILE = 1 / 400
_MISTAKEN = 1 / 80
_PAYS_IN_ADVANCE = 1 / 10
_WITHOUT_ITS_RECEIPT = 1 / 5
_MISTAKEN_RETURN = 1 / 8


class Shop(Struct, frozen=True):
    """Which shop: `number` chooses its kind and, with the seed, everything in it. `busy` multiplies its sales."""

    number: int
    zone: tzinfo
    tills: int = 1
    busy: float = 1.0

    @property
    def kind(self) -> Kind:
        return KINDS[self.number % len(KINDS)]


class World:
    """A shop with its stock, prices and customers as they stand. Its methods give the events of what happens."""

    def __init__(self, seed: int, shop: Shop) -> None:
        self.shop, self.kind = shop, shop.kind
        self._seed = f"{seed}/{shop.number}"
        self._random = Random(self._seed)
        self._warehouses = ["main", *(f"w{n}" for n in range(2, len(self.kind.warehouses) + 1))]
        self.goods: list[Good] = goods_of(self.kind, self._warehouses, self._random)
        self._customers: list[Customer] = []
        self._cashiers = [person(self._random) for _ in range(shop.tills + 2)]
        self._receipts: deque[Receipt] = deque(maxlen=_REMEMBERED)
        self._advances: deque[int] = deque(maxlen=_REMEMBERED)  # paid before, and not used
        # A till's clock is off by minutes and drifts by seconds a day, until somebody sets it in the new month.
        self._clock_off = [self._random.uniform(-90, 90) for _ in range(shop.tills)]
        self._drift = [self._random.uniform(-4, 4) for _ in range(shop.tills)]
        self._count = 0  # of the day's receipts
        self._shifts: dict[int, Shift] = {}  # that are open, by till
        self._closed: deque[tuple[int, date]] = deque(maxlen=50)  # the latest that were closed

    def opening(self, at: datetime) -> Iterator[TillEvent]:
        """The shop is set up: warehouses, goods, a first receipt of goods, regular customers."""
        stamp = self._stamp(1, at)
        for warehouse_id, name in zip(self._warehouses, self.kind.warehouses, strict=True):
            yield 1, {"type": "warehouse.saved", "at": stamp, "warehouse_id": warehouse_id, "name": name}
        for good in self.goods:
            yield 1, good_saved(good, stamp)
            for warehouse_id in self._warehouses:
                amount = self._amount(good, 20, 60)
                yield self._moved(stamp, good, warehouse_id, amount, "receipt", f"opening-{warehouse_id}")
        for number in range(1, 31):
            self._customers.append(Customer(f"c{number:05d}", person(self._random)))
            yield 1, contact_saved(self._customers[-1], stamp)

    def morning(self, day: date) -> Iterator[TillEvent]:
        """What is done before the shop opens: deliveries, prices, counts, write-offs, new and removed goods."""
        # Ids depend on the day alone, so a past that is simulated again later replaces what it overlaps.
        self._random = Random(f"{self._seed}/{day}")
        self._count = 0
        at = datetime(day.year, day.month, day.day, self.kind.opens, tzinfo=self.shop.zone) - timedelta(minutes=40)
        stamp = self._stamp(1, at)
        self._clock_off = [
            self._random.uniform(-2, 2) if day.day == 1 else off + drift
            for off, drift in zip(self._clock_off, self._drift, strict=True)
        ]
        for good in self.goods:
            yield from self._restock(good, stamp, day)
        if day.weekday() == 0:
            for good in self._random.sample(self.goods, len(self.goods) // 15 + 1):
                good.price = max(100, good.price * self._random.choice([90, 95, 103, 105, 110, 120]) // 100)
                yield 1, good_saved(good, stamp)
        if day.day == 1:
            for good in self._random.sample(self.goods, len(self.goods) // 4 + 1):
                yield self._counted(stamp, good)
        if self.kind.perishable:
            for good in self._random.sample(self.goods, 2):
                spoilt = min(good.stock["main"], self._amount(good, 1, 3))
                if spoilt > 0:
                    yield self._moved(stamp, good, "main", -spoilt, "write_off", f"{day}-spoilt")
        if day.day in (10, 25):
            yield from self._season(stamp, day)

    def sale(self, till: int, at: datetime) -> Iterator[TillEvent]:
        """A customer comes to a till: a sale, and with it perhaps a customer's card, or a return of something older."""
        kind, stamp = self.kind, self._stamp(till, at)
        self._count += 1
        name = f"{till}-{at.astimezone(self.shop.zone):%y%m%d%H%M%S}-{self._count}"
        random, more = Random(f"{self._seed}/{name}"), Random(f"{self._seed}/{name}/more")
        yield from self._shift_opened(till, at)
        shift = self._shifts[till]
        if self._receipts and random.random() < kind.returns:
            event = returned(random.choice(self._receipts), f"r{name}", stamp, shift, random, kind.tax)
            if event:
                shift.gave_back(event)
                if more.random() < _WITHOUT_ITS_RECEIPT:  # the customer has lost it
                    del event["sale_id"]
                if Random(f"{self._seed}/{name}/back").random() < _MISTAKEN_RETURN:  # it was entered twice
                    wrong = {**event, "return_id": f"y{name}"}
                    yield till, wrong
                    yield till, return_voided(wrong, stamp, shift)
                yield till, event
        customer = self._customer(random, name)
        positions = bought(kind, self.goods, self._warehouses, random)
        goods = sum(position.net for position in positions)
        also = Random(f"{self._seed}/{name}/beside")
        lines = beside(kind, goods, customer, also)
        advance = self._advances.popleft() if self._advances and also.random() < _PAYS_IN_ADVANCE else 0
        total = goods + sum(line.amount for line in lines)
        pays = None if any(line.kind == "debt" for line in lines) else customer  # a debt is not paid off on credit
        payments, change = paid(kind, total, pays, random, advance)
        receipt = Receipt(f"s{name}", positions, payments, change, lines)
        if kind.rounds:
            receipt = rounded(receipt)
        for position in positions:
            position.good.stock[position.warehouse] -= position.quantity
        off_by = random.choice([-100, 100, 1]) if random.random() < _DOES_NOT_RECONCILE else 0
        sale = sale_registered(receipt, str(self._count), stamp, shift, customer, off_by, kind.tax)
        if more.random() < _MISTAKEN:  # it was rung up with another number first
            wrong = {**sale, "sale_id": f"x{name}", "number": f"{self._count}-1"}
            yield till, wrong
            yield till, sale_voided(wrong, stamp, shift)
        shift.sold(sale, receipt.total)
        yield till, sale
        self._receipts.append(receipt)
        # What is left on a card after it was used is forgotten.
        self._advances.extend(line.amount for line in lines if line.kind == kind.advance)
        if customer:
            customer.purchases += receipt.revenue
            customer.points += goods * 3 // 100 - sum(amount for method, amount in payments if method == "points")
            customer.debt += sum(amount for method, amount in payments if method == "credit")
            customer.debt -= sum(line.amount for line in lines if line.kind == "debt")
            yield till, contact_saved(customer, stamp)

    def evening(self, at: datetime) -> Iterator[TillEvent]:
        """The shop closes: what was taken in cash goes to the bank, and each till prints its Z-report."""
        for till in sorted(self._shifts):
            shift, stamp = self._shifts.pop(till), self._stamp(till, at)
            self._closed.append((till, shift.day))
            if event := shift.taken_out(stamp):
                yield till, event
            yield till, shift.closed(stamp, Random(f"{self._seed}/{shift.shift_id}"))

    def _shift_opened(self, till: int, at: datetime) -> Iterator[TillEvent]:
        """A till's shift begins with the first customer of the day."""
        if till not in self._shifts:
            day = at.astimezone(self.shop.zone).date()
            number = (till + day.toordinal()) % len(self._cashiers)
            before = sum(closed == (till, day) for closed in self._closed)
            again = f"-{before + 1}" if before else ""  # a customer who comes late at night
            self._shifts[till] = Shift(till, day, again, self._cashiers[number], f"k{number + 1}")
            yield till, self._shifts[till].opened(self._stamp(till, at - timedelta(minutes=5)))

    def _stamp(self, till: int, at: datetime) -> str:
        """The time that the till's own clock shows, to the second."""
        shown = at + timedelta(seconds=round(self._clock_off[till - 1]))
        return shown.astimezone(self.shop.zone).isoformat(timespec="seconds")

    def _amount(self, good: Good, least: int, most: int) -> int:
        return self._random.randint(least, most) * 1000 + (self._random.randrange(0, 1000, 10) if good.by_weight else 0)

    def _moved(self, stamp: str, good: Good, warehouse: str, amount: int, reason: str, occasion: str) -> TillEvent:
        good.stock[warehouse] += amount
        event = {"type": "stock.moved", "at": stamp, "move_id": f"{good.good_id}-{occasion}", "good_id": good.good_id}
        return 1, {**event, "warehouse_id": warehouse, "quantity": quantity(amount), "reason": reason}

    def _counted(self, stamp: str, good: Good) -> TillEvent:
        """A count finds a little less than there should be, now and then, and never less than nothing."""
        found = max(0, good.stock["main"] - self._random.choice([0, 0, 0, 1000, 2000]))
        good.stock["main"] = found
        event = {"type": "stock.counted", "at": stamp, "good_id": good.good_id}
        return 1, {**event, "warehouse_id": "main", "quantity": quantity(found)}

    def _restock(self, good: Good, stamp: str, day: date) -> Iterator[TillEvent]:
        for store in self._warehouses[1:]:
            if good.stock["main"] < 8000 and good.stock[store] > 20000:
                yield self._moved(stamp, good, store, -15000, "transfer", f"{day}-from-{store}")
                yield self._moved(stamp, good, "main", 15000, "transfer", f"{day}-out-of-{store}")
        if good.stock["main"] < 5000:
            reason = "production" if self.kind.name == "Кофейня" else "receipt"
            yield self._moved(stamp, good, "main", self._amount(good, 20, 50), reason, f"{day}-{reason}")
        for store in self._warehouses[1:]:
            if good.stock[store] < 5000:
                yield self._moved(stamp, good, store, self._amount(good, 30, 60), "receipt", f"{day}-{store}")

    def _season(self, stamp: str, day: date) -> Iterator[TillEvent]:
        """One good leaves the range, a successor of it comes in; a customer asks to be taken off the list."""
        old = self.goods.pop(self._random.randrange(len(self.goods)))
        yield 1, {"type": "good.removed", "at": stamp, "good_id": old.good_id}
        barcode = ean13(f"461{self._random.randrange(10**9):09d}")
        stock = dict.fromkeys(self._warehouses, 0)
        new = Good(
            f"g{day:%y%m%d}", f"{old.name} (новинка)", old.category, old.price, old.by_weight, barcode, [], [], stock
        )
        self.goods.append(new)
        yield 1, good_saved(new, stamp)
        yield self._moved(stamp, new, "main", self._amount(new, 20, 50), "receipt", f"{day}-new")
        if len(self._customers) > 20:
            gone = self._customers.pop(self._random.randrange(len(self._customers)))
            yield 1, {"type": "contact.removed", "at": stamp, "contact_id": gone.contact_id}

    def _customer(self, random: Random, name: str) -> Customer | None:
        if random.random() >= self.kind.known_customers:
            return None
        if random.random() < 0.05:
            self._customers.append(Customer(f"c{name}", person(random)))
            return self._customers[-1]
        return random.choice(self._customers)
