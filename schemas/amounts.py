"""The numbers and moments of events: money, prices, quantities, rates of tax, and when something happened.

Amounts are `Decimal` in the program and plain decimal strings on the wire. msgspec would also decode exponents and JSON
numbers into a `Decimal`; the text form that the contract demands is kept beside the type (`extra`) and checked by
`schemas.wire`, where uploads come in. A rate of tax is text on both sides, and checked likewise.
"""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Annotated

from msgspec import Meta

# `(?![\s\S])` is "the very end" in Python and in JSON Schema alike; `$` would let a trailing newline through in Python.
_END = r"(?![\s\S])"
MONEY_TEXT = r"^[0-9]{1,13}(\.[0-9]{1,2})?" + _END
SIGNED_MONEY_TEXT = r"^-?[0-9]{1,13}(\.[0-9]{1,2})?" + _END
PRICE_TEXT = r"^[0-9]{1,13}(\.[0-9]{1,4})?" + _END
QUANTITY_TEXT = r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,6})?" + _END
LEVEL_TEXT = r"^[0-9]{1,12}(\.[0-9]{1,6})?" + _END
SIGNED_QUANTITY_TEXT = r"^-?[0-9]{1,12}(\.[0-9]{1,6})?" + _END
_RATE = r"[0-9]{1,6}(\.[0-9]{1,6})?"
TAX_RATE_TEXT = rf"^(none|{_RATE}(/(?=[0-9.]*[1-9]){_RATE})?)" + _END

Money = Annotated[Decimal, Meta(extra={"text": MONEY_TEXT}, description="Money, at most 2 places.")]
SignedMoney = Annotated[
    Decimal, Meta(extra={"text": SIGNED_MONEY_TEXT}, description="Money that may be negative, at most 2 places.")
]
Price = Annotated[
    Decimal, Meta(extra={"text": PRICE_TEXT}, description="The price or cost of one unit, at most 4 places.")
]
Quantity = Annotated[Decimal, Meta(extra={"text": QUANTITY_TEXT}, description="A quantity over 0, at most 6 places.")]
Level = Annotated[Decimal, Meta(extra={"text": LEVEL_TEXT}, description="A quantity of 0 or more, at most 6 places.")]
SignedQuantity = Annotated[
    Decimal, Meta(extra={"text": SIGNED_QUANTITY_TEXT}, description="A signed quantity, at most 6 places.")
]
At = Annotated[
    datetime,
    Meta(
        tz=True,
        description="RFC 3339 with an offset within ±15:59, by the till's clock; cut to microseconds.",
    ),
]

ZERO = Decimal(0)
_CENT, _PRICE = Decimal("0.01"), Decimal("0.0001")
# Quantities reach 12+6 digits and prices 13+4: their product needs 35, more than the default context's 28.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_multiply, _quantize = _EXACT.multiply, _EXACT.quantize


def line_sum(quantity: Decimal, price: Decimal) -> Decimal:
    """quantity × price in money, rounded half up to 2 places (the contract's rule for a line)."""
    return _quantize(_multiply(quantity, price), _CENT)


def mean(total: Decimal, count: int, step: Decimal = _CENT) -> Decimal:
    """total ÷ count, rounded half up like a line: to cents, or to another `step`. `count` is not 0."""
    return _quantize(_EXACT.divide(total, Decimal(count)), step)


def unit_price(total: Decimal, quantity: Decimal = Decimal(1)) -> Decimal:
    """total ÷ quantity as the price or cost of one unit: rounded half up to 4 places, without zeros at its end.
    `quantity` is not 0."""
    return _quantize(_EXACT.divide(total, quantity), _PRICE).normalize() + 0
