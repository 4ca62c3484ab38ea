"""Periods of a report: which local days of which outlet, by name or from day to day. Pure: the moment is passed in.

'Today' is each outlet's own day. The `…-by-now` periods end where the present one stands by the clock, so that a day
that has just begun is compared with the beginning of yesterday.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from webapp.account_outlets import Outlet

FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2200, 1, 1)
"""The bounds of what the gateway takes, so 'all time'."""

QUICK = ("today", "yesterday", "week", "last-week", "month", "last-month", "7d", "30d", "90d", "year", "all")
BY_NOW = ("yesterday-by-now", "week-ago-by-now", "last-week-by-now", "last-month-by-now")


class Period(Struct, frozen=True):
    """A period by its name, or from day to day (`key` is empty then)."""

    key: str
    first: date = FIRST_DAY
    last: date = LAST_DAY

    def parameters(self) -> dict[str, str]:
        """The period as parameters of a link."""
        if self.key:
            return {"range": self.key}
        open_first, open_last = self.first == FIRST_DAY, self.last == LAST_DAY
        return {
            **({} if open_first else {"from": self.first.isoformat()}),
            **({} if open_last else {"to": self.last.isoformat()}),
        }


class Window(Struct, frozen=True):
    """The days `first`..`last` of an outlet, the last one only before the moment `before` if there is one."""

    outlet_id: UUID
    first: date
    last: date
    before: datetime | None = None


def days(key: str, today: date) -> tuple[date, date]:
    """The first and the last day of a named period; raises `KeyError` for an unknown name."""
    monday = today - timedelta(days=today.weekday())
    month = today.replace(day=1)
    last_month = (month - timedelta(days=1)).replace(day=1)
    ago = today - timedelta(days=1)
    return {
        "today": (today, today),
        "yesterday": (ago, ago),
        "yesterday-by-now": (ago, ago),
        "week-ago-by-now": (today - timedelta(days=7), today - timedelta(days=7)),
        "week": (monday, today),
        "last-week": (monday - timedelta(days=7), monday - timedelta(days=1)),
        "last-week-by-now": (monday - timedelta(days=7), today - timedelta(days=7)),
        "month": (month, today),
        "last-month": (last_month, month - timedelta(days=1)),
        "last-month-by-now": (last_month, min(last_month + (today - month), month - timedelta(days=1))),
        "7d": (today - timedelta(days=6), today),
        "30d": (today - timedelta(days=29), today),
        "90d": (today - timedelta(days=89), today),
        "year": (today - timedelta(days=364), today),
        "all": (FIRST_DAY, LAST_DAY),
    }[key]


def window(period: Period, outlet: Outlet, now: datetime) -> Window:
    """The period at an outlet."""
    if not period.key:
        return Window(outlet.outlet_id, period.first, period.last)
    local, today = outlet.local(now), outlet.day(now)
    first, last = days(period.key, today)
    before = None
    if period.key in BY_NOW:
        # After midnight, and before the outlet's day ends, it is tomorrow by the calendar.
        before = datetime.combine(last + (local.date() - today), local.time(), tzinfo=ZoneInfo(outlet.zone))
    return Window(outlet.outlet_id, first, last, before)


def windows(period: Period, outlets: Sequence[Outlet], now: datetime) -> list[Window]:
    """The period at each outlet; outlets with the same clock share the days, which are reckoned once."""
    by_clock: dict[tuple[str, int], Window] = {}
    found = []
    for outlet in outlets:
        clock = outlet.zone, outlet.day_begins
        if clock not in by_clock:
            by_clock[clock] = window(period, outlet, now)
        days = by_clock[clock]
        found.append(Window(outlet.outlet_id, days.first, days.last, days.before))
    return found


def parameters(windows: Sequence[Window]) -> dict[str, Any]:
    """The windows as parallel arrays for SQL; and the first and last day of any, by which PostgreSQL guesses rows."""
    return {
        "outlets": [window.outlet_id for window in windows],
        "firsts": [window.first for window in windows],
        "lasts": [window.last for window in windows],
        "befores": [window.before for window in windows],
        "earliest": min((window.first for window in windows), default=FIRST_DAY),
        "latest": max((window.last for window in windows), default=LAST_DAY),
    }


def length(windows: Sequence[Window]) -> int:
    """Days of the longest window."""
    return max(((window.last - window.first).days + 1 for window in windows), default=0)
