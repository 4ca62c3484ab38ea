"""The tills of a machine run: what each run holds, which batches were sent, and what was answered.

Uploads go out from threads, so that a fault strikes while they are on their way. The bookkeeping is what the promise
is measured against: an event is owed from its 202 on.
"""

from __future__ import annotations

import gzip
import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from random import Random
from uuid import UUID

import httpx
from msgspec import Struct

from schemas.events import Event
from schemas.spans import Span
from tests.faults.receipts import Receipt, receipt

_TIMEOUT_S = 20.0


class Run:
    """One life of a till's database. `events[0]` is number 1."""

    def __init__(self, outlet: str, till: str, token: str, run: str) -> None:
        self.outlet, self.till, self.token, self.id = outlet, till, token, run
        self.lock = threading.Lock()
        self.events: list[Receipt | None] = []  # None: taken by a record that nobody can read
        self.batches: list[Span] = []
        self.late: list[Span] = []  # cut, not sent yet
        self.acknowledged: set[int] = set()
        self.others: dict[int, list[Receipt]] = {}  # other content that was sent under a number
        self.settled: set[int] = set()  # acknowledged before any other content was sent

    def grow(self, chance: Random, count: int, years_off: int = 0) -> Span:
        """A new batch of `count` events."""
        first = len(self.events) + 1
        self.events += [receipt(chance, self.id[:4], years_off) for _ in range(count)]
        self.batches.append((first, len(self.events)))
        return self.batches[-1]

    def leave_to_others(self, count: int) -> Span:
        """Numbers that somebody else fills."""
        first = len(self.events) + 1
        self.events += [None] * count
        return first, len(self.events)

    def readable(self, span: Span) -> bool:
        return all(self.events[number - 1] for number in range(span[0], span[1] + 1))

    def may_hold(self, number: int) -> list[Event]:
        """What the log may hold under a number, read first."""
        found = self.events[number - 1]
        own = [found.kept] if found else []
        return own if number in self.settled else own + [other.kept for other in self.others.get(number, [])]


class Answer(Struct, frozen=True):
    """A status, 0 where the connection ended without one, and whether it said when to come again."""

    status: int
    retry_after: bool


class Tills:
    """All runs, and the threads that send. `url` is the way through the network. A context manager."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/api/v1/uploads"
        self._pool = ThreadPoolExecutor(6, "till")
        self._on_their_way: list[Future[object]] = []
        self.runs: list[Run] = []
        self.sent = self.acknowledged = 0
        self.answers: dict[int, int] = {}
        self.lock = threading.Lock()

    def __enter__(self) -> Tills:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, outlet: str, till: str, token: str, chance: Random) -> Run:
        self.runs.append(Run(outlet, till, token, str(UUID(int=chance.getrandbits(128), version=4))))
        return self.runs[-1]

    def send(self, run: Run, span: Span) -> None:
        """Sends a part of a run from another thread."""
        if run.readable(span):
            self._go(lambda: self.post(run, span))

    def send_other(self, run: Run, span: Span, chance: Random) -> None:
        """Sends other content under the numbers of a part that was sent: a till whose numbering forked."""
        if run.readable(span):
            events = [receipt(chance, run.id[:4]) for _ in range(span[0], span[1] + 1)]
            with run.lock:
                for number, other in enumerate(events, span[0]):
                    run.others.setdefault(number, []).append(other)
            self._go(lambda: self._post_events(run, span[0], events))

    def send_spoilt(self, run: Run, body: bytes, headers: dict[str, str]) -> None:
        """Sends something that must not be accepted."""

        def spoilt() -> None:
            answer = self._request(run, body, headers)
            assert answer.status in (0, 400, 413, 415, 422, 429, 503), answer

        self._go(spoilt)

    def post(self, run: Run, span: Span) -> bool:
        """Sends now; whether it was acknowledged."""
        events = [event for event in run.events[span[0] - 1 : span[1]] if event]
        return self._post_events(run, span[0], events, own=True)

    def _post_events(self, run: Run, first: int, events: list[Receipt], own: bool = False) -> bool:
        numbers = range(first, first + len(events))
        with run.lock:
            alone = {number for number in numbers if number not in run.others}
        body = packed(run, first, events)
        answer = self._request(run, body, {"Content-Encoding": "gzip"})
        assert answer.status in (0, 202, 429, 503), answer
        if answer.status != 202:
            assert answer.status == 0 or answer.retry_after
            return False
        with run.lock:
            run.acknowledged.update(numbers)
            if own:
                run.settled.update(number for number in alone if number not in run.others)
        return True

    def _request(self, run: Run, body: bytes, headers: dict[str, str]) -> Answer:
        whole = {"Authorization": f"Bearer {run.token}", "Content-Type": "application/json", **headers}
        try:
            found = httpx.post(self._url, content=body, headers=whole, timeout=_TIMEOUT_S)
            answer = Answer(found.status_code, "retry-after" in found.headers)
        except httpx.TransportError:
            answer = Answer(0, False)
        with self.lock:
            self.sent += 1
            self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
        return answer

    def _go(self, work: object) -> None:
        assert callable(work)
        self._on_their_way = [future for future in self._on_their_way if not _ended(future)]
        if len(self._on_their_way) > 60:  # a fault lasts: no use in piling up more
            self._on_their_way.pop(0).result(90)
        self._on_their_way.append(self._pool.submit(work))

    def wait(self) -> None:
        """Returns when nothing is on its way; raises what went wrong in the threads."""
        for future in self._on_their_way:
            future.result(120)
        self._on_their_way.clear()


def packed(run: Run, first: int, events: list[Receipt]) -> bytes:
    """The body of an upload, gzipped."""
    document = {"run": run.id, "first_seq": first, "events": [event.sent for event in events]}
    return gzip.compress(json.dumps(document, ensure_ascii=False).encode(), 1)


def _ended(future: Future[object]) -> bool:
    """Raises what the thread raised."""
    if not future.done():
        return False
    future.result()
    return True
