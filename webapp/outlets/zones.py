"""Time zones and currencies as a person chooses them: Russia's first, by the names people know."""

from __future__ import annotations

from datetime import date, timedelta
from functools import lru_cache

from babel import Locale
from babel.core import get_global
from msgspec import Struct

from schemas.zones import zone_names
from webapp.zonenames import city, offset, zone_name

DEFAULT_ZONE = "Europe/Moscow"
DAY_BEGINNINGS = range(13)
"""The hours at which an outlet's days may begin."""
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
    territories = get_global("zone_territories")
    russian, others = [], []
    for name in zone_names():
        if "/" not in name or name.startswith(("Etc/", "SystemV/")):
            continue
        zone = Zone(name, zone_name(name, locale, today))
        if territories.get(name) == "RU":
            russian.append((offset(name, today), zone.label, zone))
        elif territories.get(name):
            others.append((timedelta(), city(name, locale) or name, zone))
    return [zone for *_, zone in sorted(russian, key=_order)], [zone for *_, zone in sorted(others, key=_order)]


def is_zone(name: str) -> bool:
    return name in zone_names()


def currencies(locale: str) -> list[Currency]:
    names = Locale.parse(locale).currencies
    return [Currency(code, names.get(code, code)) for code in CURRENCIES]


def _order(entry: tuple[timedelta, str, Zone]) -> tuple[timedelta, str, str]:
    return entry[0], entry[1], entry[2].name
