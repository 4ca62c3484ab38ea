"""How the read API writes figures."""

from __future__ import annotations

from decimal import Decimal

import pytest

from webapp.readapi.answers import money, quantity


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "0.00"),
        ("-0", "0.00"),
        ("-0.00", "0.00"),
        ("-0.01", "-0.01"),
        ("1E+3", "1000.00"),
        # Twenty lines at the greatest price and quantity come to more digits than Python keeps unless told otherwise.
        ("199999999999999999999999999999.99", "199999999999999999999999999999.99"),
        ("-123456789012345678901234567890.12", "-123456789012345678901234567890.12"),
    ],
)
def test_money(amount: str, text: str) -> None:
    """Two places, no sign before nought, every digit however many."""
    assert money(Decimal(amount)) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("-0.000", "0"),
        ("1E+2", "100"),
        ("1.500", "1.5"),
        ("0.001", "0.001"),
        ("12345678901234567890123456789.001",) * 2,
    ],
)
def test_quantity(amount: str, text: str) -> None:
    """Plain, without needless zeros, every digit."""
    assert quantity(Decimal(amount)) == text
