"""What a person typed into a filter: read kindly («1 234,5», spaces), and told apart from nonsense."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from uuid import UUID

from starlette.datastructures import QueryParams

from webapp.reports.periods import BY_NOW, FIRST_DAY, LAST_DAY, QUICK, Period

_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_SPACES = re.compile(r"[\s\u00a0\u202f]+")
_LONGEST = 200


class Filters:
    """The filter fields of a page. `rejected` names those that could not be understood; they filter nothing."""

    query: QueryParams
    rejected: set[str]

    def __init__(self, query: QueryParams) -> None:
        self.query = query
        self.rejected = set()

    def raw(self, name: str) -> str:
        """What was typed, to be shown in the field again."""
        return self.query.get(name, "")[:_LONGEST]

    def text(self, name: str) -> str | None:
        value = self.raw(name).replace("\0", "").strip()
        return value or None

    def exact(self, name: str) -> str | None:
        """An id or a name as a link gives it: exactly what a till sent, spaces and line breaks at its ends too."""
        value = self.query.get(name)
        return None if not value or "\0" in value else value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.query.get(name) or None
        if value is not None and value not in allowed:
            self.rejected.add(name)
            return None
        return value

    def amount(self, name: str) -> Decimal | None:
        value = _SPACES.sub("", self.raw(name)).replace(",", ".").replace("\N{MINUS SIGN}", "-")
        if not value:
            return None
        if not _AMOUNT.fullmatch(value):
            self.rejected.add(name)
            return None
        return Decimal(value)

    def whole(self, name: str, least: int, most: int) -> int | None:
        value = self.raw(name)
        if not value:
            return None
        if not (value.isascii() and value.isdigit() and least <= int(value) <= most):
            self.rejected.add(name)
            return None
        return int(value)

    def uuid(self, name: str) -> UUID | None:
        """An id of ours as a link gives it."""
        value = self.query.get(name)
        try:
            return UUID(value) if value else None
        except ValueError:
            self.rejected.add(name)
            return None

    def period(self, otherwise: str) -> Period:
        """`from` and `to` where given, whichever is earlier first, else the named `range`, else the page's own."""
        first, last = self._day("from"), self._day("to")
        if first and last and first > last:
            first, last = last, first
        if first or last:
            return Period("", first or FIRST_DAY, last or LAST_DAY)
        return Period(self.choice("range", (*QUICK, *BY_NOW)) or otherwise)

    def _day(self, name: str) -> date | None:
        value = self.query.get(name)
        if not value:
            return None
        try:
            return min(max(date.fromisoformat(value), FIRST_DAY), LAST_DAY)
        except ValueError:
            self.rejected.add(name)
            return None
