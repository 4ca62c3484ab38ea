"""The columns of a list, and the orders it can have."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Kind = Literal["text", "code", "number", "moment", "day", "outlet"]
"""`text` sorts as in a dictionary, with ё as е; `code` shorter ones first, so that 9 comes before 10; `outlet` by the
outlet's name. What is unknown comes last, whichever way a list is sorted."""

_DAY, _UUID = r"\d{4}-\d\d-\d\d", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WRITTEN: Mapping[Kind, tuple[str, Callable[[str], object]]] = {
    "text": (r"(?s:.*)", str),
    "code": (r"(?s:.*)", str),
    "number": (r"-?\d{1,100}(\.\d{1,100})?", str),
    "moment": (_DAY + r" \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d)?", datetime.fromisoformat),
    "day": (_DAY, date.fromisoformat),
    "outlet": (_UUID, str),
}
"""What a value looks like as PostgreSQL writes it, and what tells a day from none."""


def check(kind: Kind, value: str) -> None:
    """Raises `ValueError` for what PostgreSQL never wrote of a column of that kind."""
    form, read = _WRITTEN[kind]
    if not re.fullmatch(form, value, re.ASCII):
        raise ValueError(f"no {kind}")
    read(value)


class Heading(Struct, frozen=True):
    """A column. `name` is what the statement calls the column that it sorts by.

    `importance` says on which screens it is shown: 1 on all, 2 from 1152 px on, 3 from 1280 px on, 4 from 1440 px on.
    On a phone a row has two lines, with those of 1. Of `money` the heading names the currency, its cells need not.
    """

    name: str
    title: str
    kind: Kind = "text"
    importance: Literal[1, 2, 3, 4] = 1
    money: bool = False

    @property
    def numeric(self) -> bool:
        return self.kind == "number"


class Order(Struct, frozen=True):
    """By which column, and which way. As a text for an address: `name`, or `-name` for the greatest first."""

    name: str
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


def order(text: str) -> Order:
    """What an address says of an order."""
    return Order(text.removeprefix("-"), text.startswith("-"))
