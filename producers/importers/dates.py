"""Dates as people's programs write them: 2026-06-11, 13.02.2026 9:05, 2/13/26 9:05 AM.

A date with slashes can be read day-first or month-first: the whole file decides, else it is asked. With points the day
comes first, with the year in front the month follows it: nobody writes otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Literal

Order = Literal["day-first", "month-first"]

_LONGEST = 60
_DATE = re.compile(
    r"^\s*(?P<a>\d{1,4})(?P<sep>[./-])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{1,4})"
    r"(?:[T,\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?\s*$"
)


def readings(text: str) -> Mapping[Order, datetime]:
    """The naive moment by order; the same for both where it can be read in one way only; empty where it is no date."""
    return _remembered(text) if len(text) <= _LONGEST else _readings(text)


@lru_cache(maxsize=10_000)  # each date is looked at twice at least, and the rows of a receipt have the same
def _remembered(text: str) -> Mapping[Order, datetime]:
    return _readings(text)


def _readings(text: str) -> Mapping[Order, datetime]:
    match = _DATE.match(text)
    if not match:
        return {}
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if len(match["a"]) == 4:
        moment = _moment(match, a, b, c)
        return {"day-first": moment, "month-first": moment} if moment else {}
    year = c + 2000 if len(match["c"]) == 2 else c
    orders: dict[Order, tuple[int, int]] = {"day-first": (b, a)}
    if match["sep"] != ".":
        orders["month-first"] = (a, b)
    found: dict[Order, datetime] = {}
    for order, (month, day) in orders.items():
        moment = _moment(match, year, month, day)
        if moment:
            found[order] = moment
    if match["sep"] == "." and found:
        found["month-first"] = found["day-first"]
    return found


def _moment(match: re.Match[str], year: int, month: int, day: int) -> datetime | None:
    hour, minute, second = int(match["hour"] or 0), int(match["minute"] or 0), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    try:
        moment = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (the wall clock of the shop)
    except ValueError:
        return None
    return moment if 1970 < year < 2200 else None


class Evidence:
    """What the dates of a file say of their order."""

    def __init__(self) -> None:
        self._possible: set[Order] = {"day-first", "month-first"}
        self.example = ""
        """A date that can be read in two ways; empty where there is none."""

    def add(self, text: str) -> None:
        found = readings(text)
        if len(found) == 1:
            self._possible &= found.keys()
        elif len(set(found.values())) == 2 and not self.example:
            self.example = text

    @property
    def order(self) -> Order | None:
        """The one that fits all; None where both do, or none does."""
        return next(iter(self._possible)) if len(self._possible) == 1 else None


def read(text: str, order: Order | None) -> datetime | None:
    """The naive moment; None where it is no date. `order` decides where there are two ways to read it."""
    found = readings(text)
    moments = set(found.values())
    if len(moments) == 1 and (len(found) == 2 or order is None or order in found):
        return moments.pop()
    return found.get(order) if order else None
