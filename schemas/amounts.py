"""The numbers and moments of events: money, quantities, and when something happened.

Money and quantities are `Decimal` in the program and plain decimal strings on the wire. msgspec would also decode
exponents and JSON numbers into a `Decimal`; the text form that the contract demands is kept beside the type (`extra`)
and checked by `schemas.wire`, where uploads come in.
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
QUANTITY_TEXT = r"^(?=[0-9.]*[1-9])[0-9]{1,12}(\.[0-9]{1,3})?" + _END
SIGNED_QUANTITY_TEXT = r"^-?[0-9]{1,12}(\.[0-9]{1,3})?" + _END

Money = Annotated[Decimal, Meta(extra={"text": MONEY_TEXT}, description="Money, at most 2 places.")]
SignedMoney = Annotated[
    Decimal, Meta(extra={"text": SIGNED_MONEY_TEXT}, description="Money that may be negative, at most 2 places.")
]
Quantity = Annotated[Decimal, Meta(extra={"text": QUANTITY_TEXT}, description="A quantity over 0, at most 3 places.")]
SignedQuantity = Annotated[
    Decimal, Meta(extra={"text": SIGNED_QUANTITY_TEXT}, description="A signed quantity, at most 3 places.")
]
At = Annotated[
    datetime,
    Meta(
        tz=True,
        description="RFC 3339 with an offset within ±15:59, by the till's clock; cut to microseconds.",
    ),
]

ZERO = Decimal(0)
_CENT = Decimal("0.01")
# Quantities reach 12+3 digits and prices 13+2: their product needs 30, more than the default context's 28.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_multiply, _quantize = _EXACT.multiply, _EXACT.quantize


def line_sum(quantity: Decimal, price: Decimal) -> Decimal:
    """quantity × price in money, rounded half up to 2 places (the contract's rule for a line)."""
    return _quantize(_multiply(quantity, price), _CENT)
