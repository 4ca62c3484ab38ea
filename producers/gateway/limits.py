"""How much a till, and all of them together, may ask of the gateway at a time. Pure bookkeeping; time is passed in."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from producers.gateway.answers import try_again


class Rate(Struct, frozen=True):
    """`per_second` on average; after a rest up to `burst` at once."""

    per_second: float
    burst: float


class Rates(Struct, frozen=True):
    """What one till may send. Bytes count unpacked.

    A till at work sends an upload every few seconds; the bursts let one that was cut off for weeks catch up.
    """

    uploads: Rate = Rate(50, 500)
    events: Rate = Rate(20_000, 200_000)
    bytes: Rate = Rate(8 * 1024 * 1024, 128 * 1024 * 1024)


class RateLimit:
    """A token bucket of uploads, events and bytes for each till.

    How much an upload holds is known only after it was read: it may then overdraw a bucket, and the till waits until
    that is positive again. Remembers the last `size` tills; a forgotten one starts with full buckets.
    """

    def __init__(self, rates: Rates, *, size: int = 100_000) -> None:
        self._rates = rates
        self.sharers = 1
        self._uploads, self._events, self._bytes = rates.uploads, rates.events, rates.bytes
        self._size = size
        self._buckets: OrderedDict[str, _Buckets] = OrderedDict()

    def share(self, gateways: int) -> None:
        """So many gateways serve the same tills: this one grants its part, so that together they grant the whole."""
        rates, self.sharers = self._rates, gateways
        self._uploads, self._events, self._bytes = (
            Rate(rate.per_second / gateways, max(1, rate.burst / gateways))
            for rate in (rates.uploads, rates.events, rates.bytes)
        )

    def wait(self, till: str, now: float) -> float:
        """Seconds until the till may send again, 0 where it may now; then the upload is counted."""
        of = self._filled(till, now)
        wait = max(
            (1 - of.uploads) / self._uploads.per_second,
            -of.events / self._events.per_second,
            -of.bytes / self._bytes.per_second,
            0.0,
        )
        if wait <= 0:
            of.uploads -= 1
        return wait

    def count(self, till: str, now: float, *, events: int = 0, size: int = 0) -> None:
        """Counts what an upload held: `size` in bytes."""
        of = self._filled(till, now)
        of.events -= events
        of.bytes -= size

    def _filled(self, till: str, now: float) -> _Buckets:
        """The till's buckets as they stand now. Done thrice for each upload, so without a loop over the buckets."""
        of = self._buckets.get(till)
        if of is None:
            of = self._buckets[till] = _Buckets(now, self._uploads.burst, self._events.burst, self._bytes.burst)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
            return of
        if now > of.as_of:
            passed = now - of.as_of
            of.uploads = min(self._uploads.burst, of.uploads + passed * self._uploads.per_second)
            of.events = min(self._events.burst, of.events + passed * self._events.per_second)
            of.bytes = min(self._bytes.burst, of.bytes + passed * self._bytes.per_second)
            of.as_of = now
        self._buckets.move_to_end(till)
        return of


class _Buckets(Struct):
    """What is left of a till's rates at the moment `as_of`."""

    as_of: float
    uploads: float
    events: float
    bytes: float


class Capacity(Struct, frozen=True):
    """What is worked on at one time: requests, and bytes of bodies read and records not yet acknowledged."""

    uploads: int = 512
    uploads_per_till: int = 8
    bytes: int = 64 * 1024 * 1024  # below the 100 MiB that a broker takes in one request
    bytes_per_till: int = 16 * 1024 * 1024


class Room:
    """The room left in the gateway. One till can take only a part of it."""

    def __init__(self, capacity: Capacity) -> None:
        self._capacity = capacity
        self._uploads: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._all_uploads = 0
        self._all_bytes = 0

    @property
    def bytes_held(self) -> int:
        return self._all_bytes

    @contextmanager
    def request(self, till: str) -> Iterator[None]:
        """Room for one more request of a till. Raises `Refusal` 429 or 503."""
        if self._uploads[till] >= self._capacity.uploads_per_till:
            raise try_again(429, "too_many_at_once", "earlier uploads of this till are not done yet")
        if self._all_uploads >= self._capacity.uploads:
            raise try_again(503, "busy", "too many uploads at this moment")
        self._uploads[till] += 1
        self._all_uploads += 1
        try:
            yield
        finally:
            self._all_uploads -= 1
            self._give_back(self._uploads, till, 1)

    def hold(self, till: str) -> Held:
        """Memory for one upload of a till, none at first."""
        return Held(self, till)

    def take(self, till: str, more: int) -> None:
        """Raises `Refusal` 429 or 503 where there is no room for so many more bytes."""
        if self._bytes[till] + more > self._capacity.bytes_per_till:
            raise try_again(429, "too_many_at_once", "earlier uploads of this till are not done yet")
        if self._all_bytes + more > self._capacity.bytes:
            raise try_again(503, "busy", "too much is being uploaded at this moment")
        self._bytes[till] += more
        self._all_bytes += more

    def give_back(self, till: str, fewer: int) -> None:
        self._all_bytes -= fewer
        self._give_back(self._bytes, till, fewer)

    @staticmethod
    def _give_back(counter: Counter[str], till: str, fewer: int) -> None:
        counter[till] -= fewer
        if not counter[till]:
            del counter[till]


class Held:
    """The bytes that one upload holds."""

    def __init__(self, room: Room, till: str) -> None:
        self._room, self._till, self._size = room, till, 0

    def resize(self, size: int) -> None:
        """From now on the upload holds `size` bytes. Raises `Refusal` 429 or 503 where there is no room."""
        if size > self._size:
            self._room.take(self._till, size - self._size)
        elif size < self._size:
            self._room.give_back(self._till, self._size - size)
        self._size = size

    def release(self) -> None:
        self.resize(0)
