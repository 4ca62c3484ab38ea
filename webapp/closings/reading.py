"""A month of an outlet as it stands, out of one snapshot: the figures by the statements of the read API, how far the
log had been applied, what became of every event, and every document with its place."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row, dict_row

from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.closings import document
from webapp.closings.document import Certificate, Day, Documents, Hole, LedgerOf, Method, OutletOf, Place, Shift, Tax
from webapp.completeness.logends import Snapshot
from webapp.database import Connection
from webapp.outlets.ledger import Ledger, ledger
from webapp.shifts import ShiftRow, difference, lines, matches

sql = load("webapp.closings", "closings.sql")
_figures, _shifts = load("webapp.readapi", "figures.sql"), load("webapp.readapi", "shifts.sql")

NEEDS = ("taxes", "cash_moves", "shift_sums", "shift_payments", "shift_openings", "shift_closings", "void_uploads")
"""The projections that a closing is made of, beside those of every page."""
CERTIFIED = (
    *("daily", "payments", "taxes", "sales", "returns", "cash_moves"),
    *("shift_sums", "shift_openings", "shift_closings"),
)
"""The projections that have days."""
IGNORED = ["run", "seq", "applied_no", "counted_no", "record", "log_offset", "log_time"]
"""Where a row came from is no business content, as for certificates of kept reports."""


class Document(Struct, frozen=True):
    """A document of the month, as it is copied; see `closed_documents`."""

    kind: str
    id: str
    till_id: UUID
    number: str
    at: datetime
    day: date
    amount: Decimal
    counts: bool
    run: UUID
    seq: int
    log_offset: int
    content: str
    came_at: datetime | None
    sale_id: str

    @property
    def line(self) -> str:
        """As the digest over all of them takes it."""
        of = (self.kind, self.id, self.till_id, self.day, money(self.amount), self.counts)
        return "\t".join(map(repr, map(str, (*of, self.run, self.seq, self.log_offset, self.content)))) + "\n"


class Figures(NamedTuple):
    """The figures of a month."""

    days: list[Day]
    payments: list[Method]
    taxes: list[Tax]
    shifts: list[Shift]


class Month(NamedTuple):
    """All that a closing freezes, and the rows that it copies."""

    outlet: OutletOf
    generation: int
    log: list[Place]
    figures: Figures
    ledger: Ledger
    certificates: list[Certificate]
    documents: list[Document]

    @property
    def digest(self) -> Documents:
        return Documents(len(self.documents), document.digest("".join(one.line for one in self.documents).encode()))


async def month(snapshot: Snapshot, outlet: Outlet, first: date, last: date) -> Month:
    """What of a month stands in the snapshot."""
    connection = snapshot.connection
    span: dict[str, Any] = {"outlet": outlet.outlet_id, "from": first, "to": last}
    [[generation]] = await (await connection.execute(sql["generation"])).fetchall()
    places = [Place(*row) async for row in await connection.execute(sql["positions"])]
    certificates = []
    for projection in sorted(CERTIFIED):
        parameters = span | {"projection": projection, "ignored": IGNORED}
        async for day, rows, checksum in await connection.execute(sql["checksums"], parameters):
            certificates.append(Certificate(projection, day, rows, checksum))
    async with connection.cursor(row_factory=class_row(Document)) as cursor:
        documents = await (await cursor.execute(sql["documents"], span)).fetchall()
    return Month(
        OutletOf(outlet.outlet_id, outlet.name, outlet.zone, outlet.day_begins, outlet.currency),
        generation,
        places,
        await figures(connection, outlet.outlet_id, first, last),
        await ledger(snapshot, outlet.outlet_id),
        certificates,
        documents,
    )


async def figures(connection: Connection, outlet_id: UUID, first: date, last: date) -> Figures:
    """The figures of a month, as the read API says them."""
    span = {"outlet": outlet_id, "from": first, "to": last}
    days = [
        Day(
            day=row["day"],
            sales=row["sales"],
            revenue=money(row["revenue"]),
            goods_sum=money(row["goods_sum"]),
            discount_sum=money(row["discount_sum"]),
            returns=row["returns"],
            returns_sum=money(row["returns_sum"]),
            voided=row["voided"],
            tax_sum=money(row["tax_sum"]),
            advances_sum=money(row["advances_sum"]),
            tips_sum=money(row["tips_sum"]),
            debts_sum=money(row["debts_sum"]),
            reconciles=row["unreconciled"] == 0,
        )
        for row in await _rows(connection, _figures["daily"], span)
    ]
    payments = [
        Method(row["day"], row["method"], money(row["amount"]), row["count"])
        for row in await _rows(connection, _figures["payments"], span)
    ]
    taxes = [
        Tax(row["day"], row["rate"], money(row["base_sum"]), money(row["tax_sum"]))
        for row in await _rows(connection, _figures["taxes"], span)
    ]
    async with connection.cursor(row_factory=class_row(ShiftRow)) as cursor:
        rows = await (await cursor.execute(_shifts["shifts"], span)).fetchall()
    return Figures(days, payments, taxes, [_shift(row) for row in rows])


def _shift(row: ShiftRow) -> Shift:
    return Shift(
        row.day,
        row.shift_id,
        row.till_id,
        row.number,
        row.opened_at,
        row.closed_at,
        row.sales,
        money(row.revenue),
        money(row.returns_sum),
        _money(row.cash_expected),
        _money(row.cash_counted),
        _money(difference(row.cash_counted, row.cash_expected)),
        matches(lines(row)),
    )


def ledger_of(ledger: Ledger, in_log: bool, knowingly: bool) -> LedgerOf:
    """What became of every event, as it is signed."""
    missing = [Hole(hole.till, hole.till_id, hole.run, hole.first, hole.last) for hole in ledger.missing]
    return LedgerOf(
        read=ledger.sum("read"),
        applied=ledger.sum("applied"),
        duplicate=ledger.sum("duplicate"),
        waiting=ledger.sum("waiting"),
        quarantined=ledger.sum("quarantined"),
        discarded=ledger.sum("discarded"),
        refused=ledger.refused.events,
        given_up=ledger.given_up,
        missing=missing,
        in_log=in_log,
        knowingly=knowingly,
    )


async def _rows(connection: Connection, statement: bytes, parameters: dict[str, Any]) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(statement, parameters)).fetchall()


def money(amount: Decimal) -> Decimal:
    """With exactly 2 places; a zero has no sign."""
    return Decimal(f"{amount:.2f}" if amount else "0.00")


def _money(amount: Decimal | None) -> Decimal | None:
    return None if amount is None else money(amount)
