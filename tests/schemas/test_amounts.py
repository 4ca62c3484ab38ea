"""Money and quantities: exact, and rounded as the contract says."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from math import floor

import pytest
from hypothesis import given

from schemas.amounts import MONEY_TEXT, QUANTITY_TEXT, SIGNED_MONEY_TEXT, SIGNED_QUANTITY_TEXT, line_sum, mean
from tests.schemas.values import money, quantity, signed_money, signed_quantity


@pytest.mark.parametrize(
    ("of", "price", "total"),
    [("1", "1.00", "1.00"), ("0.5", "0.01", "0.01"), ("0.333", "10", "3.33"), ("2.5", "0.01", "0.03"), ("1", "0", "0")],
)
def test_a_line_is_rounded_half_up(of: str, price: str, total: str) -> None:
    """quantity × price is rounded half up to 2 places."""
    assert line_sum(Decimal(of), Decimal(price)) == Decimal(total)


@given(quantity, money)
def test_a_line_is_exact_for_any_amounts(of: str, price: str) -> None:
    """No quantity and price that the wire lets in loses a digit."""
    exact = Fraction(of) * Fraction(price)
    assert Fraction(line_sum(Decimal(of), Decimal(price))) == Fraction(floor(exact * 100 + Fraction(1, 2)), 100)


@given(money, quantity, signed_money, signed_quantity)
def test_the_strategies_cover_the_wire_form(plain: str, of: str, signed: str, moved: str) -> None:
    """What the tests send fits the patterns that the gateway checks."""
    assert re.search(MONEY_TEXT, plain)
    assert re.search(QUANTITY_TEXT, of)
    assert re.search(SIGNED_MONEY_TEXT, signed)
    assert re.search(SIGNED_QUANTITY_TEXT, moved)


@pytest.mark.parametrize(
    ("total", "count", "step", "expected"),
    [
        ("1268.77", 2, "0.01", "634.39"),  # half to even would be 634.38
        ("-0.01", 2, "0.01", "-0.01"),  # half away from zero, as PostgreSQL rounds
        ("0.05", 10, "0.01", "0.01"),
        ("5", 4, "0.1", "1.3"),
    ],
)
def test_a_mean_is_rounded_like_a_line(total: str, count: int, step: str, expected: str) -> None:
    """An average receipt has the same rounding wherever it stands, and as lists sort by it in SQL."""
    assert str(mean(Decimal(total), count, Decimal(step))) == expected
