"""How often one account's program, or one browser, may ask. Counted by each process for itself; time is passed in."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from math import ceil


class Rate:
    """A token bucket for each of those who ask: `per_second` on average, after a rest up to `burst` at once.

    Remembers the last `size` of them; one that is forgotten starts with a full bucket.
    """

    def __init__(self, per_second: float, burst: float, size: int = 50_000) -> None:
        self._per_second = per_second
        self._burst = burst
        self._size = size
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def wait_seconds(self, who: Hashable, now: float) -> int:
        """Whole seconds to wait, 0 where it may go on; then it is counted."""
        left, as_of = self._buckets.get(who, (self._burst, now))
        left = min(self._burst, left + max(0.0, now - as_of) * self._per_second)
        wait = 0 if left >= 1 else max(1, ceil((1 - left) / self._per_second))
        self._buckets[who] = (left if wait else left - 1, now)
        self._buckets.move_to_end(who)
        if len(self._buckets) > self._size:
            self._buckets.popitem(last=False)
        return wait
