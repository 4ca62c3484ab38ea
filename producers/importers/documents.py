"""What a format makes of a source: documents to send, and rows that can't be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct

Event = dict[str, Any]
"""An event as it is sent: amounts as texts, `at` as text."""

Kind = Literal["sale", "return", "good", "warehouse", "count", "event", "product", "offer", "group", "price type"]
"""The last four are parts that goods are made of: remembered, never sent."""

Content = Mapping[str, str]

ID_MAX = 128


class Shop(Struct, frozen=True):
    """What of the outlet a reader has to know: its zone, and the hour at which its day begins."""

    zone: ZoneInfo
    day_begins: int = 0

    def day(self, at: datetime) -> str:
        """The outlet's local day of an aware moment, as 2026-03-01."""
        local = at.astimezone(self.zone)
        day = local.date() if local.hour >= self.day_begins else local.date() - timedelta(days=1)
        return day.isoformat()


class BadRow(Struct, frozen=True):
    """A row that is not brought in. `row` is its number in the source, `code` and `values` say why (`words`)."""

    row: int
    column: str
    value: str
    code: str
    values: Mapping[str, str] = {}


class Note(Struct, frozen=True):
    """Something to be told that is no error; told once with the number of times that it came."""

    code: str
    values: tuple[tuple[str, str], ...] = ()


class Document(Struct, frozen=True):
    """One thing that a source tells of, known by `kind` and `id`: the same again replaces it.

    `events` are sent in order. One with `once` is sent only where nothing of that id was sent before. `row` is where it
    stands in the source. Of two documents that differ only in `detail` the greater one stands. `parts` are what it was
    made of, remembered for the next import; one with `latest` replaces what the same source said of the id before.
    """

    kind: Kind
    id: str
    events: Sequence[Event]
    row: int
    once: bool = False
    detail: int = 0
    parts: Sequence[Content] | None = None
    latest: bool = False


class Fragment(Struct, frozen=True):
    """A row of a document that is spread over several; the format's `compose` makes the document of all of them.

    `content` holds what of the row is needed, and nothing of the buyer.
    """

    kind: Kind
    id: str
    row: int
    content: Content
    detail: int = 0


def note(code: str, **values: str) -> Note:
    """A note with values for its words."""
    return Note(code, tuple(values.items()))


Item = Document | Fragment | BadRow | Note


def bounded_id(source_id: str) -> str:
    """The source's own id; where it is too long, its digest."""
    return source_id if len(source_id) <= ID_MAX else f"sha256-{sha256(source_id.encode()).hexdigest()}"


def original_id(source_id: str) -> list[dict[str, str]]:
    """The id as the source has it, for a good's own fields, where it is too long to be the id."""
    return [] if len(source_id) <= ID_MAX else [{"name": "id", "value": source_id[:2000]}]


def amount(value: Decimal) -> str:
    """A plain decimal number, as events have it."""
    text = str(value)  # a quarter of what `format` takes
    return format(value, "f") if "E" in text else text


def unit_price_before(total: Decimal, quantity: Decimal) -> Decimal:
    """What `unit_price` was up to 0.2.0, to the even neighbour: of rows that were noted then, so that the same file
    loaded again is the same."""
    return (total / quantity).quantize(Decimal("0.0001"), ROUND_HALF_EVEN).normalize() + 0


def moment(naive: datetime, zone: ZoneInfo) -> str:
    """A time on the wall of the shop as an event's `at`."""
    return naive.replace(tzinfo=zone).isoformat()
