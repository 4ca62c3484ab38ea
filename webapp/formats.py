"""How figures and moments are written: «1 234,50 ₽», «3 шт», «24 ноября 2026», each in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_interval, format_time
from babel.numbers import parse_pattern

# A page holds hundreds of figures and days, most of them again and again; writing them out took a third of its time.
_remembered = lru_cache(maxsize=16_384)
_pattern = lru_cache(maxsize=16)(parse_pattern)
_locale = lru_cache(maxsize=16)(Locale.parse)
_MOMENTS = {
    "ru": {"short": "dd.MM.yyyy HH:mm", "long": "d MMMM yyyy, HH:mm"},
    "en": {"short": "MMM d, yyyy, HH:mm", "long": "MMMM d, yyyy, HH:mm"},
}
_DAYS = {
    "brief": {"ru": "d MMM", "en": "MMM d"},
    "weekday": {"ru": "EEEE, d MMMM y", "en": "EEEE, MMMM d, y"},
}
_YEAR = re.compile(r"\s*г\.$")
_SIGNS = {"RUB": "₽", "BYN": "Br", "KZT": "₸", "USD": "$", "EUR": "€"}


@_remembered
def money(amount: Decimal, locale: str, currency: str = "RUB") -> str:
    """Money with 2 places and the currency's sign, spaces unbreakable, a real minus."""
    return _with_currency(amount, "#,##0.00", locale, currency)


@_remembered
def price(amount: Decimal, locale: str, currency: str = "RUB") -> str:
    """A price or a cost of one unit: as money, with up to 4 places where it has them."""
    return _with_currency(amount, "#,##0.00##", locale, currency)


@_remembered
def quantity(amount: Decimal, locale: str) -> str:
    """A quantity without needless zeros, at most 6 places."""
    return _minus(_decimal(amount, "#,##0.######", locale))


@_remembered
def number(count: int, locale: str) -> str:
    return _minus(_decimal(count, "#,##0", locale))


def percent(share: Decimal, locale: str) -> str:
    """A change in percent with its sign: `Decimal('0.12')` is «+12 %»."""
    return f"{'+' if round(share, 2) > 0 else ''}{part(share, locale)}"


def part(share: Decimal, locale: str) -> str:
    """A part of a whole, in whole percent: `Decimal('0.12')` is «12 %»."""
    return in_percent(_minus(_decimal(round(share * 100) + 0, "#,##0", locale)), locale)


def in_percent(figure: str, locale: str) -> str:
    """A figure that is one of percent, such as a rate of tax: «20 %», and in English «20%»."""
    return f"{figure.replace('.', ',')}\N{NO-BREAK SPACE}%" if locale == "ru" else f"{figure}%"


@_remembered
def day(value: date, locale: str, form: str = "medium") -> str:
    """A day in one of Babel's forms or patterns; "brief" is without its year, "weekday" in full."""
    return _without_year(format_date(value, _DAYS[form][locale] if form in _DAYS else form, locale=locale))


@_remembered
def days(first: date, last: date, locale: str) -> str:
    """From day to day, what both have in common said once: «1–20 нояб. 2026»."""
    return _without_year(format_interval(first, last, "yMMMd", locale=locale))


@_remembered
def moment(value: datetime, locale: str, zone: str, form: str = "short") -> str:
    """Date and time by the outlet's clock."""
    if form == "time":
        return format_time(value, "HH:mm", tzinfo=ZoneInfo(zone), locale=locale)
    return format_datetime(value, _MOMENTS[locale][form], tzinfo=ZoneInfo(zone), locale=locale)


def _decimal(value: Decimal | int, pattern: str, locale: str) -> str:
    text: str = _pattern(pattern).apply(value, _locale(locale))
    return text


def _with_currency(amount: Decimal, pattern: str, locale: str, currency: str) -> str:
    """An amount with the sign of its currency where its reader expects it."""
    number, sign = _decimal(abs(amount), pattern, locale), unit(locale, currency)
    text = f"{number}{sign}" if locale == "ru" else f"{sign}{number}"
    return f"\N{MINUS SIGN}{text}" if amount < 0 else text


def unit(locale: str, currency: str = "RUB") -> str:
    """What `money` writes beside the figure: the currency's sign, with the space before or behind it."""
    sign = _SIGNS.get(currency, currency + "\N{NO-BREAK SPACE}" * (locale != "ru"))
    return f"\N{NO-BREAK SPACE}{sign}" if locale == "ru" else sign


def _without_year(text: str) -> str:
    """A Russian day without its «г.», which would stand before the full stop of a sentence."""
    return _YEAR.sub("", text)


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")
