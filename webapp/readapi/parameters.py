"""The calls' parameters, validated: what does not fit is 422 with the parameter's name in the sentence."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from starlette.datastructures import QueryParams

from webapp.cursors import unpack
from webapp.readapi.answers import Refused
from webapp.readapi.resource import Schema

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_LIMIT = re.compile(r"[0-9]{1,4}")
_LONGEST_QUERY = 200

T = TypeVar("T")

# What the description says of them; each is a JSON Schema by the parameter's name.
DAY: Schema = {"type": "string", "format": "date"}
AMOUNT: Schema = {"type": "string", "pattern": r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$"}
RANGE: dict[str, Schema] = {"from": DAY, "to": DAY}
QUERY: dict[str, Schema] = {"query": {"type": "string", "maxLength": _LONGEST_QUERY}}
PAGE: dict[str, Schema] = {
    "after": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 50},
}
TILL: dict[str, Schema] = {"till": {"type": "string", "format": "uuid"}}


def _misfit(name: str, expected: str) -> Refused:
    return Refused(422, "invalid_parameter", f"{name}: {expected}")


class Parameters:
    """The query string of a call. A parameter given twice counts as last given; an empty one as not given."""

    def __init__(self, query: QueryParams) -> None:
        self._query = query

    def text(self, name: str) -> str | None:
        """Any text of at most 200 characters."""
        value = self._query.get(name) or None
        if value is not None and (len(value) > _LONGEST_QUERY or "\0" in value):
            raise _misfit(name, f"a text of at most {_LONGEST_QUERY} characters is expected")
        return value

    def day(self, name: str) -> date | None:
        value = self._query.get(name)
        if not value:
            return None
        try:
            if not _DAY.fullmatch(value):
                raise ValueError
            return date.fromisoformat(value)
        except ValueError as exc:
            raise _misfit(name, "a day like 2026-11-24 is expected") from exc

    def days(self) -> dict[str, date | None]:
        """The range `from`..`to`, both included; an open end is None."""
        return {"from": self.day("from"), "to": self.day("to")}

    def amount(self, name: str) -> Decimal | None:
        value = self._query.get(name)
        if not value:
            return None
        if not _AMOUNT.fullmatch(value):
            raise _misfit(name, "a plain decimal number is expected")
        return Decimal(value)

    def choice(self, name: str, *choices: str) -> str:
        """One of the words; the first one where none is given."""
        value = self._query.get(name) or choices[0]
        if value not in choices:
            raise _misfit(name, f"{' or '.join(choices)} is expected")
        return value

    def limit(self) -> int:
        value = self._query.get("limit")
        if value is None:
            return 50
        if not _LIMIT.fullmatch(value) or not 1 <= int(value) <= 500:
            raise _misfit("limit", "a whole number from 1 to 500 is expected")
        return int(value)

    def uuid(self, name: str) -> UUID | None:
        value = self._query.get(name)
        if not value:
            return None
        try:
            return UUID(value)
        except ValueError as exc:
            raise _misfit(name, "an id is expected") from exc

    def after(self, kind: type[T]) -> T | None:
        """Where the page before ended, as `next` gave it."""
        value = self._query.get("after")
        if not value:
            return None
        try:
            return unpack(value, kind)
        except ValueError as exc:
            raise _misfit("after", "give what `next` of the page before said, unchanged") from exc
