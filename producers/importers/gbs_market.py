"""A GBS.Market till: its API is asked once, from `since` on; what was sent before is not sent again.

The agent of `weboffice-till` does the same for ever, beside the till; the mapping is its own (`producers.till`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

from producers.importers.documents import BadRow, Document, Item, note
from producers.importers.questions import Question
from producers.importers.sources import Context, Source
from producers.till.gbs_api import GbsMarket
from producers.till.gbs_mapping import AskDiscount, Discount, Found, Unfit, good, sale

_FIRST_TIME = timedelta(days=30)
_DISCOUNTS: dict[str, Discount] = {"percent": "percent", "money": "money", "included": "included"}


def read(source: Source, context: Context) -> Iterator[Item]:
    """Sales, goods and stock. Raises `Question`, `WebOfficeError`."""
    now = datetime.now(UTC).replace(microsecond=0)
    since = source.since or (now - _FIRST_TIME).date()
    answer = context.answers.get("discount")
    row = 0
    with closing(GbsMarket(source.address)) as api:
        for record in api.documents("Sale", since, now.date() + timedelta(days=1)):
            row += 1
            try:
                found = sale(record, context.shop.zone, _DISCOUNTS.get(str(answer)))
            except Unfit as exc:
                yield BadRow(row, exc.field, exc.value, "refused", {"why": exc.why})
                continue
            except AskDiscount:
                text = "GBS.Market gives discounts: are they percent, money off a line, or in the price already?"
                raise Question("discount", text, list(_DISCOUNTS)) from None
            for field in found.unknown:
                yield note("not_understood", field=field)
            yield Document("sale", found.id, found.events, row, latest=True)
        for record in api.goods():
            row += 1
            try:
                for found in good(record, now.isoformat()):
                    yield from _document(found, row, context)
            except Unfit as exc:
                yield BadRow(row, exc.field, exc.value, "refused", {"why": exc.why})


def _document(found: Found, row: int, context: Context) -> Iterator[Item]:
    """A good; a count only where it is another one than the last."""
    if found.kind != "count":
        yield Document("good", found.id, found.events, row, latest=True)
        return
    parts = [{"quantity": found.events[0]["quantity"]}]
    if context.memory.parts("count", found.id) != parts:
        yield Document("count", found.id, found.events, row, parts=parts, latest=True)
