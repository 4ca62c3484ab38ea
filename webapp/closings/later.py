"""«После закрытия»: what of a closed month is otherwise than it was closed, and which uploads did it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from webapp.closings.document import Closing
from webapp.closings.reading import Figures, figures, sql
from webapp.database import Connection
from webapp.translation import N_

MOST = 200
_OF_DAY = {
    "revenue": N_("Revenue"),
    "returns_sum": N_("Returns"),
    "discount_sum": N_("Discounts"),
    "tax_sum": N_("Tax"),
    "advances_sum": N_("Advances"),
    "tips_sum": N_("Tips"),
    "debts_sum": N_("Debts paid off"),
}


class LateDocument(Struct, frozen=True):
    """A document that is otherwise than it was closed: what it added to the month's revenue (`was`, None where it was
    not there) and adds now (`becomes`, None where it lies in another month). `run`, `seq` and `log_offset` are those of
    the upload that brought what counts now, and `came_at` is when that came; with `same_upload` it is the one of
    before, and something else made it count or count no more: a void, which `void_run`, `void_seq` and `voided_at`
    name, or another document of its fiscal number."""

    kind: str
    id: str
    till_id: UUID
    number: str
    at: datetime
    day: date
    was: Decimal | None
    becomes: Decimal | None
    counted: bool | None
    counts: bool | None
    run: UUID | None
    seq: int | None
    log_offset: int | None
    came_at: datetime | None
    till: str
    sale_id: str
    same_upload: bool
    void_run: UUID | None
    void_seq: int | None
    voided_at: datetime | None

    @property
    def by(self) -> Decimal:
        return (self.becomes or Decimal(0)) - (self.was or Decimal(0))

    @property
    def is_receipt(self) -> bool:
        return self.kind in ("sale", "return")


class Changed(Struct, frozen=True):
    """A figure that is otherwise: `title` is a text of the catalogues, "" of a payment method or a rate."""

    day: date
    title: str
    method: str
    rate: str
    then: Decimal
    now: Decimal


class Later(Struct, frozen=True):
    """All that is otherwise; `more`: there are more documents than are shown."""

    documents: list[LateDocument]
    more: bool
    changed: list[Changed]
    revenue_then: Decimal
    revenue_now: Decimal

    @property
    def by(self) -> Decimal:
        """What the documents shown changed of the revenue."""
        return sum((one.by for one in self.documents), Decimal(0))


async def later(connection: Connection, closing: Closing) -> Later:
    """What is otherwise in the snapshot than it was closed."""
    parameters = {
        "closing": closing.closing_id,
        "outlet": closing.outlet.outlet_id,
        "from": closing.first,
        "to": closing.last,
        "most": MOST + 1,
    }
    async with connection.cursor(row_factory=class_row(LateDocument)) as cursor:
        documents = await (await cursor.execute(sql["later"], parameters)).fetchall()
    now = await figures(connection, closing.outlet.outlet_id, closing.first, closing.last)
    then = Figures(closing.days, closing.payments, closing.taxes, closing.shifts)
    return Later(
        documents[:MOST],
        len(documents) > MOST,
        list(changed(then, now)),
        sum((day.revenue for day in then.days), Decimal(0)),
        sum((day.revenue for day in now.days), Decimal(0)),
    )


def changed(then: Figures, now: Figures) -> Iterator[Changed]:
    """The figures that differ, by day. Pure."""
    before, after = _by_key(then), _by_key(now)
    zero = Decimal("0.00")
    for key in sorted(before.keys() | after.keys()):
        was, becomes = before.get(key, zero), after.get(key, zero)
        if was != becomes:
            yield Changed(*key, was, becomes)


def _by_key(figures: Figures) -> Mapping[tuple[date, str, str, str], Decimal]:
    sums: dict[tuple[date, str, str, str], Decimal] = {}
    for day in figures.days:
        for name, title in _OF_DAY.items():
            sums[day.day, title, "", ""] = getattr(day, name)
    sums |= {(row.day, "", row.method, ""): row.amount for row in figures.payments}
    sums |= {(row.day, "", "", row.rate): row.tax_sum for row in figures.taxes}
    return sums
