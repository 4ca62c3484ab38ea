"""How figures are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from webapp import formats


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1234.5", "1 234,50 ₽"), ("-0.01", "−0,01 ₽"), ("0", "0,00 ₽"), ("12345678.9", "12 345 678,90 ₽")],
)
def test_money(amount: str, text: str) -> None:
    """Russian money has a comma, thousands apart, a real minus and the sign behind."""
    assert formats.money(Decimal(amount), "ru").replace("\N{NO-BREAK SPACE}", " ") == text


def test_quantity() -> None:
    """Quantities have no needless zeros."""
    assert formats.quantity(Decimal("1.500"), "ru") == "1,5"
    assert formats.quantity(Decimal("100"), "ru") == "100"


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        (
            "ru",
            [
                "29 нояб.",
                "−1 234,50 ₽",
                "0,1234 ₽",
                "7,00 ₽",
                "+12 %",
                "0 %",
                "20 %",
                "16,67 %",
                "27 %",
                "1 234,5",
                "29.11.2026 15:00",
                "29 ноября 2026, 15:00",
            ],
        ),
        (
            "en",
            [
                "Nov 29",
                "−₽1,234.50",
                "₽0.1234",
                "₽7.00",
                "+12%",
                "0%",
                "20%",
                "16.67%",
                "27%",
                "1,234.5",
                "Nov 29, 2026, 15:00",
                "November 29, 2026, 15:00",
            ],
        ),
    ],
)
def test_each_language_has_its_own_forms(locale: str, texts: list[str]) -> None:
    """Money, prices of up to 4 places, changes, quantities and moments are written as the reader's language does."""
    at = datetime(2026, 11, 29, 12, tzinfo=UTC)
    said = [
        formats.day(date(2026, 11, 29), locale, "brief"),
        formats.money(Decimal("-1234.5"), locale),
        formats.price(Decimal("0.1234"), locale),
        formats.price(Decimal(7), locale),
        formats.percent(Decimal("0.12"), locale),
        formats.percent(Decimal("-0.004"), locale),
        formats.in_percent("20", locale),
        formats.in_percent("16.67", locale),
        formats.part(Decimal("0.274"), locale),
        formats.quantity(Decimal("1234.50"), locale),
        formats.moment(at, locale, "Europe/Moscow"),
        formats.moment(at, locale, "Europe/Moscow", "long"),
    ]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in said] == texts


@pytest.mark.parametrize("form", ["medium", "long"])
def test_a_day_does_not_end_with_a_stop(form: str) -> None:
    """A sentence that ends with a day has one full stop: it was «29 нояб. 2026 г..»."""
    day = date(2026, 11, 29)
    for said in (
        formats.day(day, "ru", form),
        formats.days(date(2026, 11, 1), day, "ru"),
        formats.days(day, day, "ru"),
    ):
        assert said.endswith("2026")
