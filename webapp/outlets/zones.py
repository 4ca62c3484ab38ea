"""Time zones and currencies as a person chooses them: Russia's first, by the names people know."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from babel import Locale
from babel.core import get_global
from babel.dates import get_timezone_location
from msgspec import Struct

DEFAULT_ZONE = "Europe/Moscow"
CURRENCIES = ("RUB", "BYN", "KZT", "KGS", "AMD", "AZN", "GEL", "MDL", "TJS", "UZS", "CNY", "EUR", "TRY", "USD")


class Zone(Struct, frozen=True):
    """A time zone: its IANA name and how it reads, e.g. «UTC+3 · Москва»."""

    name: str
    label: str


class Currency(Struct, frozen=True):
    """A currency: its code and its name."""

    code: str
    name: str


@lru_cache(maxsize=8)
def zones(locale: str, today: date) -> tuple[list[Zone], list[Zone]]:
    """Russia's zones from west to east, then all others by name; offsets are those of the day."""
    at = datetime(today.year, today.month, today.day, 12, tzinfo=UTC)
    territories = get_global("zone_territories")
    russian, others = [], []
    for name in available_timezones():
        if "/" not in name or name.startswith(("Etc/", "SystemV/")):
            continue
        offset = at.astimezone(ZoneInfo(name)).utcoffset() or timedelta()
        city = territories.get(name) and get_timezone_location(name, locale=locale, return_city=True)
        zone = Zone(name, f"{_offset(offset)} · {city or name}")
        if territories.get(name) == "RU":
            russian.append((offset, zone.label, zone))
        elif territories.get(name):
            others.append((timedelta(), str(city or name), zone))
    return [zone for *_, zone in sorted(russian, key=_order)], [zone for *_, zone in sorted(others, key=_order)]


def is_zone(name: str) -> bool:
    return name in available_timezones()


def currencies(locale: str) -> list[Currency]:
    names = Locale.parse(locale).currencies
    return [Currency(code, names.get(code, code)) for code in CURRENCIES]


def _order(entry: tuple[timedelta, str, Zone]) -> tuple[timedelta, str, str]:
    return entry[0], entry[1], entry[2].name


def _offset(offset: timedelta) -> str:
    minutes = int(offset.total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    sign = "\N{MINUS SIGN}" if minutes < 0 else "+"
    return f"UTC{sign}{hours}" + (f":{rest:02}" if rest else "")
