"""Kept reports: the figures as the log stood at a moment, made by `weboffice rebuild --until T --name NAME`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection
from webapp.layout import KeptReport
from webapp.reports import periods
from webapp.reports.periods import Window

_sql = load("webapp.reports", "kept.sql")


class LaterDay(Struct, frozen=True):
    """A day of an outlet whose figures are not what the kept report says they were."""

    outlet_id: UUID
    day: date
    sales_then: int
    sales_now: int
    revenue_then: Decimal
    revenue_now: Decimal


class LaterReceipt(Struct, frozen=True):
    """A receipt that came, or came anew, after the report was kept. `was` and `becomes` are what it adds to the day's
    revenue; None where it is not on that day. `received_at` is unknown for what came before it was kept."""

    log_offset: int
    till_id: UUID
    till: str
    run: UUID
    seq: int
    kind: str
    id: str
    sale_id: str
    number: str
    at: datetime
    was: Decimal | None
    becomes: Decimal | None
    received_at: datetime | None

    @property
    def by(self) -> Decimal:
        return (self.becomes or Decimal(0)) - (self.was or Decimal(0))


class LaterUpload(Struct, frozen=True):
    """An upload that changed a day later, and the receipts by which it did."""

    receipts: list[LaterReceipt]

    @property
    def till(self) -> str:
        return self.receipts[0].till

    @property
    def run(self) -> UUID:
        return self.receipts[0].run

    @property
    def first(self) -> int:
        return self.receipts[0].seq

    @property
    def last(self) -> int:
        return self.receipts[-1].seq

    @property
    def by(self) -> Decimal:
        return sum((receipt.by for receipt in self.receipts), Decimal(0))


async def kept_reports(connection: Connection) -> list[KeptReport]:
    """The kept reports that hold anything of the account, the latest first; of whatever report the reading is."""
    async with connection.cursor(row_factory=class_row(KeptReport)) as cursor:
        return await (await cursor.execute(_sql["kept_reports"])).fetchall()


async def later_days(connection: Connection, kept: KeptReport, windows: Sequence[Window]) -> list[LaterDay]:
    """The days within the windows that changed since, the latest first."""
    parameters = {"kept": kept.number, **periods.parameters(windows)}
    async with connection.cursor(row_factory=class_row(LaterDay)) as cursor:
        return await (await cursor.execute(_sql["later_days"], parameters)).fetchall()


async def later_uploads(connection: Connection, kept: KeptReport, outlet_id: UUID, day: date) -> list[LaterUpload]:
    """The uploads that changed a day later, in the order in which they came."""
    parameters = {"kept": kept.number, "outlet": outlet_id, "day": day}
    async with connection.cursor(row_factory=class_row(LaterReceipt)) as cursor:
        receipts = await (await cursor.execute(_sql["later_receipts"], parameters)).fetchall()
    uploads: dict[tuple[int, UUID, UUID], list[LaterReceipt]] = {}
    for receipt in receipts:
        uploads.setdefault((receipt.log_offset, receipt.till_id, receipt.run), []).append(receipt)
    return [LaterUpload(receipts) for receipts in uploads.values()]
