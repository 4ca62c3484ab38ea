"""Counts of what is ordinary, told in one line a minute: a line for each upload and batch would be gigabytes a day."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

EVERY_S = 60.0
SLOW_MS = 1000.0
"""What takes longer is told by itself, like what fails."""
ODD_MAX = 600
"""Lines of their own between two lines of counts: a till in a loop, or an outage, would else fill the disk."""


class Tally:
    """Sums counts by name; the first that comes after a minute gets all of them, and it begins again."""

    def __init__(self, now: float) -> None:
        self._since = now
        self._counts: Counter[str] = Counter()

    def add(self, now: float, **counts: int) -> dict[str, int] | None:
        """`now` in seconds of a clock that only goes forward. What to tell, with the `seconds` it took, or None yet."""
        for name, count in counts.items():
            self._counts[name] += count
        seconds = now - self._since
        if seconds < EVERY_S:
            return None
        told = {**self._counts, "seconds": round(seconds)}
        self._since, self._counts = now, Counter()
        return told


class Told:
    """Tells of one kind of work: what is `odd` or slow in a line of its own, all else at the level `debug`; and once a
    minute what was counted, in a line named `counts`. Of very much that is odd only the first gets lines; how many got
    none stands with the counts as `untold`. `log` is a structlog logger."""

    def __init__(self, log: Any, counts: str) -> None:
        self._log = log
        self._counts = counts
        self._tally = Tally(time.monotonic())
        self._odd = 0

    def __call__(
        self, event: str, started: float, counted: dict[str, int], *, odd: bool = False, **facts: object
    ) -> None:
        """`started` is when the work began, by `time.monotonic`."""
        now = time.monotonic()
        milliseconds = round((now - started) * 1000, 1)
        odd = odd or milliseconds >= SLOW_MS
        self._odd += odd
        tell = self._log.info if odd and self._odd <= ODD_MAX else self._log.debug
        tell(event, **facts, ms=milliseconds)
        if counts := self._tally.add(now, **counted):
            untold = {"untold": self._odd - ODD_MAX} if self._odd > ODD_MAX else {}
            self._odd = 0
            self._log.info(self._counts, **counts, **untold)
