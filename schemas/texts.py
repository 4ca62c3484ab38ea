"""The texts of events, each with what of it may be kept for ever.

Every text says by its type what `anonymise` makes of it (`KEEP` in the type's `extra`): an id or a code stays as the
till sent it, for a barcode may well look like a phone number; free text loses e-mail addresses and phone numbers; the
name of a person becomes «Фамилия И.О.». A plain `str` in an event is an error (`schemas.events.minimising`).
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from schemas.amounts import TAX_RATE_TEXT
from schemas.cashiers import shorten_cashier
from schemas.names import NAME_LENGTH, shorten
from schemas.private import scrubbed

KEEP = "keep"
ID_LENGTH = 128
"""Most characters of an id."""


def as_sent(text: str) -> str:
    """The text as it is."""
    return text


def person(name: str) -> str:
    """The name of a person, shortened, without an e-mail address or phone number."""
    return shorten(scrubbed(name))


def cashier(name: str) -> str | None:
    """Who stood at the till, likewise; None where it names nobody."""
    return shorten_cashier(scrubbed(name))


Id = Annotated[str, Meta(min_length=1, max_length=ID_LENGTH, description="The till's own id.", extra={KEEP: as_sent})]
Code = Annotated[str, Meta(max_length=2000, extra={KEEP: as_sent})]
"""A number or barcode."""
ShortCode = Annotated[
    str,
    Meta(min_length=1, max_length=ID_LENGTH, description=f"1 to {ID_LENGTH} characters.", extra={KEEP: as_sent}),
]
"""A code that is looked up, such as the number of a fiscal document."""
TaxRate = Annotated[
    str,
    Meta(
        description="A rate of tax: `20`, `10`, `0`, `none`, `20/120` or any other decimal.",
        extra={"text": TAX_RATE_TEXT, KEEP: as_sent},
    ),
]
Text = Annotated[str, Meta(max_length=2000, extra={KEEP: scrubbed})]
Cashier = Annotated[str, Meta(max_length=2000, extra={KEEP: cashier})]
# Names are indexed: PostgreSQL's B-tree holds 2,704 bytes an entry, and a character may take four.
_NAME = Meta(max_length=NAME_LENGTH, description=f"A name, at most {NAME_LENGTH} characters.")
Name = Annotated[str, _NAME, Meta(extra={KEEP: scrubbed})]
Unit = Annotated[str, Meta(max_length=100, description="What is counted: `шт`, `кг`.", extra={KEEP: scrubbed})]
PersonName = Annotated[str, _NAME, Meta(extra={KEEP: person})]
