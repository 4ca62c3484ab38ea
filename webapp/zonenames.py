"""What a time zone is called where people read it: «UTC+3 · Москва»."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.core import get_global
from babel.dates import get_timezone_location


@lru_cache(maxsize=4096)
def zone_name(zone: str, locale: str, day: date) -> str:
    """The zone's offset on that day, and its city; an IANA name where no city is known."""
    return f"{offset_name(offset(zone, day))} · {city(zone, locale) or zone}"


def offset(zone: str, day: date) -> timedelta:
    """How far the zone is ahead of UTC at noon of the day."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def offset_name(offset: timedelta) -> str:
    """«UTC+5:30»."""
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")


def city(zone: str, locale: str) -> str:
    """The zone's city in the reader's language; "" where none is known."""
    known = get_global("zone_territories").get(zone)
    return get_timezone_location(zone, locale=locale, return_city=True) if known else ""
