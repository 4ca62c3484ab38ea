"""How figures and moments are written: «1 234,50 ₽», «3 шт», «24 ноября 2026 г.», each in the reader's language."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_interval, format_time
from babel.numbers import format_currency, format_decimal

_SIGNS = {"RUB": "₽", "BYN": "Br", "KZT": "₸", "USD": "$", "EUR": "€"}


def money(amount: Decimal, locale: str, currency: str = "RUB") -> str:
    """Money with 2 places and the currency's sign, spaces unbreakable, a real minus."""
    if currency in _SIGNS and locale == "ru":
        text = f"{format_decimal(amount, '#,##0.00', locale=locale)}\N{NO-BREAK SPACE}{_SIGNS[currency]}"
    else:
        text = format_currency(amount, currency, locale=locale)
    return _minus(text)


def quantity(amount: Decimal, locale: str) -> str:
    """A quantity without needless zeros, at most 3 places."""
    return _minus(format_decimal(amount, "#,##0.###", locale=locale))


def number(count: int, locale: str) -> str:
    return _minus(format_decimal(count, "#,##0", locale=locale))


def percent(share: Decimal, locale: str) -> str:
    """A change in percent with its sign: `Decimal('0.12')` is «+12 %»."""
    sign = "+" if share > 0 else ""
    return f"{sign}{_minus(format_decimal(share * 100, '#,##0', locale=locale))}\N{NO-BREAK SPACE}%"


def day(value: date, locale: str, form: str = "medium") -> str:
    return format_date(value, form, locale=locale)


def days(first: date, last: date, locale: str) -> str:
    """From day to day, what both have in common said once: «1–20 нояб. 2026 г.»."""
    return format_interval(first, last, "yMMMd", locale=locale)


def moment(value: datetime, locale: str, zone: str, form: str = "short") -> str:
    """Date and time by the outlet's clock."""
    if form == "time":
        return format_time(value, "HH:mm", tzinfo=ZoneInfo(zone), locale=locale)
    pattern = {"short": "dd.MM.yyyy HH:mm", "long": "d MMMM yyyy, HH:mm"}[form]
    return format_datetime(value, pattern, tzinfo=ZoneInfo(zone), locale=locale)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
