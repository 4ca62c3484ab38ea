"""Numbers as people's programs write them: 1 249,90; $1,234.56; 3,450; (12.00); −4.

A text is read only where it can be read in one way. What can be read in two («3,450» is 3.45 or 3450) is decided by
the other numbers of its column, then of the whole file, else it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Sign = Literal[",", "."]
"""The decimal sign."""
_SIGNS: tuple[Sign, Sign] = (",", ".")

_SPACES = "\u0020\u00a0\u202f\u2009'\u2019"
_CURRENCY = r"(?:\$|€|£|₽|[A-Z]{3}\b|руб\.?|р\.)"
_AROUND = re.compile(rf"^{_CURRENCY}\s*|\s*{_CURRENCY}$", re.IGNORECASE)
_GROUPED = re.compile(rf"^\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?=$|[.,])")
_PLAIN = re.compile(r"^\d+(?:[.,]\d+)*$|^[.,]\d+$")
_LONGEST = 40


def readings(text: str) -> Mapping[Sign, Decimal]:
    """The number by decimal sign; the same for both where nothing hangs on it; empty where it is no number."""
    return _remembered(text) if len(text) <= _LONGEST else _readings(text)


@lru_cache(maxsize=20_000)  # each number is looked at twice at least, and prices and quantities come again
def _remembered(text: str) -> Mapping[Sign, Decimal]:
    return _readings(text)


def _readings(text: str) -> Mapping[Sign, Decimal]:
    body, negative = _signless(text)
    spaced = _GROUPED.match(body)
    if spaced:
        body = re.sub(rf"[{_SPACES}]", "", spaced.group()) + body[spaced.end() :]
    if len(body) > _LONGEST or not body.isascii() or not _PLAIN.match(body):
        return {}
    found: dict[Sign, Decimal] = {}
    for sign in _SIGNS:
        value = _by(body, sign, grouped_by_spaces=bool(spaced))
        if value is not None:
            found[sign] = -value if negative and value else value
    return found


def _signless(text: str) -> tuple[str, bool]:
    body = text.strip().replace("\u2212", "-").replace("\u2013", "-")
    negative = False
    if body.startswith("(") and body.endswith(")"):
        body, negative = body[1:-1].strip(), True
    signed = False
    for _ in range(2):  # -$2.34 and $-2.34
        if body.startswith(("-", "+")) and not signed:
            signed, negative, body = True, body[0] == "-" or negative, body[1:].strip()
        body = _AROUND.sub("", body).strip()
    if body.endswith("-") and not signed:
        body, negative = body[:-1].strip(), True
    return body, negative


def _by(body: str, sign: Sign, *, grouped_by_spaces: bool) -> Decimal | None:
    other = "." if sign == "," else ","
    whole, point, places = body.rpartition(sign) if sign in body else (body, "", "")
    if sign in whole or other in places:
        return None
    if other in whole:
        groups = whole.split(other)
        well_grouped = 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])
        if grouped_by_spaces or not well_grouped:
            return None
        whole = "".join(groups)
    return Decimal(f"{whole or '0'}.{places}" if point else whole)


class Evidence:
    """What the numbers of a column, or of a file, say of its decimal sign."""

    def __init__(self) -> None:
        self._certain: set[Sign] = set()
        self.example = ""
        """A number that can be read in two ways; empty where there is none."""

    def add(self, text: str) -> None:
        found = readings(text)
        if len(found) == 1:
            self._certain |= found.keys()
        elif len(set(found.values())) == 2 and not self.example:
            self.example = text

    @property
    def sign(self) -> Sign | None:
        """The one that all say; None where they say nothing, or contradict one another."""
        return next(iter(self._certain)) if len(self._certain) == 1 else None


def read(text: str, sign: Sign | None) -> Decimal | None:
    """The number; None where it is none. `sign` decides where there are two ways to read it."""
    found = readings(text)
    values = set(found.values())
    if len(values) == 1:
        return values.pop()
    return found.get(sign) if sign else None
