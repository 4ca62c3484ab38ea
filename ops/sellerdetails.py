"""What is a seller's ИНН, a number of a bank, a rate of VAT: checked where an operator types them."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from schemas.errors import UsageError

_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
"""Of the digits of an ИНН before one that checks them, from the last of these weights back."""


def is_number(text: str, length: int) -> bool:
    """Whether the text is so many digits."""
    return len(text) == length and text.isascii() and text.isdigit()


def is_inn(text: str) -> bool:
    """Whether the text is an ИНН: 10 digits of which one checks the others, or 12 of which two do."""
    if is_number(text, 10):
        return _checks(text, 9)
    return is_number(text, 12) and _checks(text, 10) and _checks(text, 11)


def _checks(digits: str, place: int) -> bool:
    """Whether the digit at this place is what those before it come to."""
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS[len(_WEIGHTS) - place :], strict=False))
    return total % 11 % 10 == int(digits[place])


def vat_percent(text: str) -> Decimal | None:
    """The rate of VAT, None for `none`. Raises `UsageError`."""
    if text == "none":
        return None
    try:
        percent = Decimal(text)
    except InvalidOperation:
        percent = Decimal(-1)
    if not percent.is_finite() or not 0 <= percent <= 99 or percent != round(percent, 2):
        raise UsageError(f"--vat: {text!r} is neither `none` nor a percentage such as 20")
    return percent
