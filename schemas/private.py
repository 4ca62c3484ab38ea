"""What a till must never send and we never keep: contact data in fields of its own, or inside any text.

`without_private_fields` drops the contract's list of fields wherever they stand. `scrubbed` takes e-mail addresses and
Russian phone numbers out of texts; ids, barcodes and numbers are exempt, since a barcode may well look like a phone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

PRIVATE_FIELDS = frozenset(
    "email e_mail mail phone phones mobile tel telephone address birthday passport inn snils card_number".split()
)

# Ids end in `_id`. What else is no text of a person's: codes, and numbers, which travel as text.
CODES = frozenset(
    "number barcode barcodes article quantity price discount sum cost amount change rounding max_price min_stock "
    "purchases_total debt points cash sales returns rate fn fd fp tax_system".split()
)

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# +7 or 8, then ten digits with the usual separators; not a piece of a longer number (a barcode, an article number).
PHONE = re.compile(r"(?<![\w.,+])(?:\+7|8|7(?=[\s(-]))[\s(-]*\d{3}[\s)-]*\d{3}[\s-]*\d{2}[\s-]*\d{2}(?![\w])")
REMOVED = "…"


def without_private_fields(value: Any) -> Any:
    """`value` (decoded JSON) without the private fields, at any depth; the names match in any letter case."""
    match value:
        case dict():
            return {k: without_private_fields(v) for k, v in value.items() if k.lower() not in PRIVATE_FIELDS}
        case list():
            return [without_private_fields(item) for item in value]
        case _:
            return value


def is_code(field: str) -> bool:
    """Whether a field of an event holds an id, a code or a number, which stays as it is."""
    return field in CODES or field.endswith("_id")


def contact_data(text: str) -> list[str]:
    """The e-mail addresses and phone numbers found in a text."""
    return [*EMAIL.findall(text), *(match.group() for match in PHONE.finditer(text))]


@lru_cache(maxsize=20_000)  # tills send the same few thousand names of goods again and again
def scrubbed(text: str) -> str:
    """The text with each e-mail address and phone number replaced by «…»."""
    if "@" in text:
        text = EMAIL.sub(REMOVED, text)
    return PHONE.sub(REMOVED, text)
