"""The time zones that there are."""

from __future__ import annotations

from functools import lru_cache
from zoneinfo import available_timezones


@lru_cache(maxsize=1)
def zone_names() -> frozenset[str]:
    """Their names, looked up once: Python walks through the whole database of zones each time, for 30 ms."""
    return frozenset(available_timezones())
