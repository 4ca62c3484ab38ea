"""Invoices for licences: what they say, and how they are made and found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct
from psycopg.rows import class_row

from schemas.statements import load
from webapp.database import Connection

_sql = load("webapp.licences", "licences.sql")


class Price(Struct, frozen=True):
    """What one outlet's licence costs for so many months, for the whole term."""

    months: int
    price: Decimal

    @property
    def per_month(self) -> Decimal:
        return self.price / self.months


class Line(Struct, frozen=True):
    """One outlet's licence; the dates are known once the invoice is paid."""

    outlet: str
    price: Decimal
    valid_from: datetime | None
    valid_until: datetime | None


class Invoice(Struct, frozen=True):
    number: int
    months: int
    amount: Decimal
    currency: str
    payer: str
    created_at: datetime
    paid_at: datetime | None
    cancelled_at: datetime | None

    @property
    def open(self) -> bool:
        """Neither paid nor cancelled."""
        return self.paid_at is None and self.cancelled_at is None


class Seller(Struct, frozen=True):
    """Who sells, as the operator set it; "" for what is not set. Without `vat_percent` the price is without VAT."""

    name: str
    details: str
    inn: str
    kpp: str
    bank: str
    bik: str
    account: str
    correspondent: str
    vat_percent: Decimal | None

    @property
    def complete(self) -> bool:
        """Whether an invoice may name it: no bank takes a payment to somebody without these."""
        return bool(self.inn and self.bank and self.bik and self.account)

    def vat_in(self, amount: Decimal) -> Decimal | None:
        """The VAT in an amount, rounded half up to kopecks; None where there is none."""
        if self.vat_percent is None:
            return None
        vat = amount * self.vat_percent / (100 + self.vat_percent)
        return vat.quantize(Decimal("0.01"), ROUND_HALF_UP)


class Document(Struct, frozen=True):
    """An invoice as a page or a PDF shows it; `zone` is the account's, by whose clock it is dated."""

    invoice: Invoice
    lines: list[Line]
    seller: Seller
    zone: str

    @property
    def day(self) -> date:
        """The day of the invoice where the account is."""
        return self.invoice.created_at.astimezone(ZoneInfo(self.zone)).date()

    @property
    def vat(self) -> Decimal | None:
        return self.seller.vat_in(self.invoice.amount)


async def prices(connection: Connection) -> list[Price]:
    """The price list, the shortest term first."""
    async with connection.cursor(row_factory=class_row(Price)) as cursor:
        return await (await cursor.execute(_sql["prices"])).fetchall()


async def add(connection: Connection, account_id: UUID, outlets: Sequence[UUID], price: Price, payer: str) -> int:
    """Makes an invoice over the outlets (the account's own, not empty) and gives its number."""
    parameters = {
        "account_id": account_id,
        "months": price.months,
        "amount": price.price * len(outlets),
        "payer": payer,
    }
    row = await (await connection.execute(_sql["add_invoice"], parameters)).fetchone()
    assert row is not None  # RETURNING gives the row it inserted
    number: int = row[0]
    lines = {"number": number, "outlets": list(outlets), "price": price.price}
    await connection.execute(_sql["add_lines"], lines)
    return number


async def of_account(connection: Connection, account_id: UUID) -> list[Invoice]:
    """The account's invoices, the newest first; the last 200."""
    async with connection.cursor(row_factory=class_row(Invoice)) as cursor:
        return await (await cursor.execute(_sql["invoices"], {"account_id": account_id})).fetchall()


async def document(connection: Connection, account_id: UUID, number: int) -> Document | None:
    """One of the account's invoices with all that stands on it; None where it is not the account's."""
    key = {"account_id": account_id, "number": number}
    async with connection.cursor(row_factory=class_row(Invoice)) as cursor:
        invoice = await (await cursor.execute(_sql["invoice"], key)).fetchone()
    if invoice is None:
        return None
    lines = await (await connection.execute(_sql["lines"], key)).fetchall()
    return Document(
        invoice, [Line(*line) for line in lines], await seller(connection), await zone(connection, account_id)
    )


async def seller(connection: Connection) -> Seller:
    """Who sells."""
    async with connection.cursor(row_factory=class_row(Seller)) as cursor:
        row = await (await cursor.execute(_sql["seller"])).fetchone()
    assert row is not None  # the migration puts the one row in
    return row


async def zone(connection: Connection, account_id: UUID) -> str:
    """The time zone by which the account's invoices are dated."""
    row = await (await connection.execute(_sql["zone"], {"account_id": account_id})).fetchone()
    assert row is not None  # the statement always gives one
    return str(row[0])


async def cancel(connection: Connection, account_id: UUID, number: int) -> bool:
    """Cancels an open invoice; False where there is none to cancel."""
    key = {"account_id": account_id, "number": number}
    return await (await connection.execute(_sql["cancel"], key)).fetchone() is not None
