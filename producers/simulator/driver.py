"""Lets simulated shops upload through the real API by the till client: their past at once, then live until stopped.

One thread lives the shop's life and fills the spools of its tills; one thread for each till sends, so a till that waits
for the network holds up no other. Now and then a till loses its internet and uploads late.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random

from msgspec import Struct

from producers.simulator.history import past
from producers.simulator.shop import Event, Shop, World
from producers.till.client import TillClient
from producers.till.errors import SpoolBusy
from schemas.limits import MAX_EVENTS

_APPEND = 250  # events of the past in one append
_MOST_WAITING = 20_000  # events of a till in its spool, before its shop waits for the sender
_REQUEST_S = 20.0
_LEAVE_S = 5.0
_SIMULATIONS = 20  # of the same tills at a time
_OFFLINE = 0.01  # chance for each sending that the internet is gone
_OFFLINE_PAST_S, _OFFLINE_LIVE_S = (0.1, 0.5), (10.0, 60.0)


class Stopped(Exception):
    """The simulation was told to stop."""


class Plan(Struct, frozen=True):
    """What to simulate: `days` of past, then `rate` sales per second and till; 0 ends after the past.

    After `give_up_after` seconds without progress it ends with `GaveUp`, unless sales are live already: a till in a
    shop tries for ever. None never gives up.
    """

    url: str
    seed: int
    days: int
    rate: float
    home: Path
    give_up_after: float | None = None


class Registered(Struct, frozen=True):
    """A shop with its token at the service. `name` keeps its spools apart; it stays when the token is replaced."""

    shop: Shop
    token: str
    name: str


class TillReport(Struct):
    """What one till did. `events` are acknowledged; `waiting` are still in its spool."""

    shop: int
    till: int
    kind: str
    sales: int = 0
    events: int = 0
    uploads: int = 0
    withdrawn: int = 0
    waiting: int = 0


class Simulation:
    """Runs the shops. `progress` is told the events of each acknowledged upload, from any thread."""

    def __init__(
        self, plan: Plan, shops: Sequence[Registered], progress: Callable[[int], None] = lambda count: None
    ) -> None:
        self.plan, self._progress = plan, progress
        self._stopping = threading.Event()
        self._failures: list[BaseException] = []
        self._lives = [_Life(self, shop) for shop in shops]

    def stop(self) -> None:
        """Everything ends soon; what is in the spools is sent by the next simulation with the same tokens."""
        self._stopping.set()

    def run(self) -> list[TillReport]:
        """Returns when all is sent (with rate 0), or when stopped. Raises what a till failed with."""
        threads = [
            threading.Thread(target=self._guarded, args=(work,), daemon=True)
            for life in self._lives
            for work in (life.live, *(till.send_on for till in life.tills))
        ]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads) and not self._stopping.wait(0.1):
            pass
        # A thread in the middle of a request may outlast this; its spool is made for being left at any moment.
        leave_at = time.monotonic() + _LEAVE_S
        for thread in threads:
            thread.join(max(0.0, leave_at - time.monotonic()))
        if self._failures:
            raise self._failures[0]
        return [till.report for life in self._lives for till in life.tills]

    def sleep(self, seconds: float) -> None:
        """A pause that ends early, with `Stopped`, when the simulation is to stop."""
        if self._stopping.wait(seconds):
            raise Stopped

    def acknowledged(self, count: int) -> None:
        self._progress(count)
        if self._stopping.is_set():
            raise Stopped

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            return
        except BaseException as exc:
            self._failures.append(exc)
            self._stopping.set()


class _Life:
    """A shop's life: its past, then, with a rate, its present."""

    def __init__(self, simulation: Simulation, registered: Registered) -> None:
        self._simulation, self._shop = simulation, registered.shop
        self._world = World(simulation.plan.seed, registered.shop)
        self.tills = [_Till(simulation, registered, number) for number in range(1, registered.shop.tills + 1)]

    def live(self) -> None:
        plan = self._simulation.plan
        try:
            buffers: dict[int, list[Event]] = {till.number: [] for till in self.tills}
            for number, event in past(self._world, plan.seed, plan.days, datetime.now(UTC)):
                buffers[number].append(event)
                if len(buffers[number]) >= _APPEND:
                    self.tills[number - 1].append(buffers[number])
                    buffers[number] = []
            for till in self.tills:
                till.append(buffers[till.number])
                till.past_is_over.set()
            if plan.rate > 0:
                self._present()
        finally:
            for till in self.tills:
                till.closing.set()
                till.wake.set()

    def _present(self) -> None:
        random, today = Random(), datetime.now(self._shop.zone).date()
        while True:
            self._simulation.sleep(random.expovariate(self._simulation.plan.rate * len(self.tills)))
            now = datetime.now(self._shop.zone)
            events = []
            if now.date() != today:
                today = now.date()
                events = [*self._world.evening(now), *self._world.morning(today)]
            events += self._world.sale(random.randint(1, len(self.tills)), now)
            for till in self.tills:
                till.append([event for number, event in events if number == till.number])


class _Till:
    """A till with its spool, and the thread that sends from it."""

    def __init__(self, simulation: Simulation, registered: Registered, number: int) -> None:
        plan, shop = simulation.plan, registered.shop
        self.number, self.report = number, TillReport(shop.number, number, shop.kind.name)
        self.wake, self.closing, self.past_is_over = threading.Event(), threading.Event(), threading.Event()
        self._spool_open, self._spool_closed = threading.Lock(), False
        self._simulation = simulation
        self._random = Random(f"{plan.seed}/{shop.number}/{number}/internet")
        self._client = self._opened(f"{plan.url}/{registered.name}/{number}", registered.token)

    def _opened(self, name: str, token: str) -> TillClient:
        """A client on the till's spool; on another one where a second simulation of the same tills has that."""
        plan = self._simulation.plan
        for attempt in range(_SIMULATIONS):
            spool = sha256(f"{name}/{attempt}".encode()).hexdigest()[:16]
            with suppress(SpoolBusy):
                return TillClient(
                    plan.url,
                    token,
                    plan.home / "spools" / f"simulated-{spool}",
                    state_dir=plan.home / "spool-stamps",
                    batch_events=MAX_EVENTS,
                    timeout=_REQUEST_S,
                    sleep=self._simulation.sleep,
                )
        raise SpoolBusy(f"{_SIMULATIONS} simulations of these tills are running")

    def append(self, events: list[Event]) -> None:
        """Takes events into the spool; waits where the sender is far behind."""
        while self._pending() > _MOST_WAITING:
            self._simulation.sleep(0.1)
        if events:
            with self._open_spool() as client:
                client.append(events)
            self.report.sales += Counter(event["type"] for event in events)["sale.registered"]
            self.wake.set()

    @contextmanager
    def _open_spool(self) -> Iterator[TillClient]:
        """Holds the spool open. Where the sender was stopped first it is closed: nothing of this was ever promised."""
        with self._spool_open:
            if self._spool_closed:
                raise Stopped
            yield self._client

    def _pending(self) -> int:
        with self._open_spool() as client:
            return client.pending

    def send_on(self) -> None:
        """Sends until the shop's life is over and nothing is left."""
        try:
            while True:
                last = self.closing.is_set()
                self._lose_internet()
                sent = self._client.send(self._give_up_after(), progress=self._acknowledged)
                self.report.withdrawn += len(sent.withdrawn)
                if last:
                    return
                self.wake.wait()
                self.wake.clear()
                self._simulation.sleep(0)
        finally:
            with self._spool_open:
                self._spool_closed = True
                self.report.waiting = self._client.pending
                self._client.close()

    def _give_up_after(self) -> float | None:
        plan = self._simulation.plan
        live = plan.rate > 0 and self.past_is_over.is_set() and self.report.events > 0
        return None if live else plan.give_up_after

    def _acknowledged(self, count: int) -> None:
        self.report.events += count
        self.report.uploads += 1
        self._simulation.acknowledged(count)

    def _lose_internet(self) -> None:
        if not self.closing.is_set() and self._random.random() < _OFFLINE:
            bounds = _OFFLINE_LIVE_S if self.past_is_over.is_set() else _OFFLINE_PAST_S
            self._simulation.sleep(self._random.uniform(*bounds))
