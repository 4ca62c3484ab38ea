"""How figures are written."""

from __future__ import annotations

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
