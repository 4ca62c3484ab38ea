"""How figures and moments are written: «1 234,50 ₽», «3 шт», «24 ноября 2026 г.», each in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time
from babel.numbers import format_currency, parse_pattern

# A page holds hundreds of figures and days, most of them again and again; writing them out took a third of its time.
_remembered = lru_cache(maxsize=16_384)
_pattern = lru_cache(maxsize=16)(parse_pattern)
_locale = lru_cache(maxsize=16)(Locale.parse)
_SIGNS = {"RUB": "₽", "BYN": "Br", "KZT": "₸", "USD": "$", "EUR": "€"}


@_remembered
def money(amount: Decimal, locale: str, currency: str = "RUB") -> str:
    """Money with 2 places and the currency's sign, spaces unbreakable, a real minus."""
    if currency in _SIGNS and locale == "ru":
        text = f"{_decimal(amount, '#,##0.00', locale)}\N{NO-BREAK SPACE}{_SIGNS[currency]}"
    else:
        text = format_currency(amount, currency, locale=locale)
    return _minus(text)


@_remembered
def quantity(amount: Decimal, locale: str) -> str:
    """A quantity without needless zeros, at most 3 places."""
    return _minus(_decimal(amount, "#,##0.###", locale))


@_remembered
def number(count: int, locale: str) -> str:
    return _minus(_decimal(count, "#,##0", locale))


def percent(share: Decimal, locale: str) -> str:
    """A change in percent with its sign: `Decimal('0.12')` is «+12 %»."""
    sign = "+" if share > 0 else ""
    return f"{sign}{_minus(_decimal(share * 100, '#,##0', locale))}\N{NO-BREAK SPACE}%"


@_remembered
def day(value: date, locale: str, form: str = "medium") -> str:
    return format_date(value, form, locale=locale)


@_remembered
def days(first: date, last: date, locale: str) -> str:
    """From day to day, what both have in common said once: «1–20 нояб. 2026 г.»."""
    return format_interval(first, last, "yMMMd", locale=locale)


@_remembered
def moment(value: datetime, locale: str, zone: str, form: str = "short") -> str:
    """Date and time by the outlet's clock."""
    if form == "time":
        return format_time(value, "HH:mm", tzinfo=ZoneInfo(zone), locale=locale)
    pattern = {"short": "dd.MM.yyyy HH:mm", "long": "d MMMM yyyy, HH:mm"}[form]
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=locale)


def _decimal(value: Decimal | int, pattern: str, locale: str) -> str:
    text: str = _pattern(pattern).apply(value, _locale(locale))
    return text


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
