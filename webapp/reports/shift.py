"""The card of a shift: its drawer, its Z-report figure by figure, its receipts and cash moves."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.exceptions import HTTPException

from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.context import Context
from webapp.database import Connection
from webapp.page import Page
from webapp.reports import shifts
from webapp.reports.gate import LICENSED
from webapp.reports.shifts import Shift
from webapp.reports.view import View
from webapp.shifts import Line

_sql = load("webapp.reports", "shifts.sql")
_MOST = 30
R = TypeVar("R")


class Document(Struct, frozen=True):
    """A receipt of the shift, a return with its sum negative; one that was `voided` is in no figure."""

    kind: str
    id: str
    sale_id: str
    till_id: UUID
    number: str
    at: datetime
    total: Decimal
    voided: bool


class CashMove(Struct, frozen=True):
    """Cash that came into the drawer, or (negative) left it."""

    at: datetime
    reason: str
    amount: Decimal
    note: str


class ShiftCard(Context, frozen=True):
    """`documents` are the latest receipts; `more`: there are others before them."""

    template = "reports/shift.html"

    shift: Shift
    outlet: Outlet
    report: list[Line]
    documents: list[Document]
    more: bool
    moves: list[CashMove]


async def card(view: View) -> ShiftCard:
    outlet, shift_id, till = view.seen[0], view.filters.exact("shift"), view.filters.uuid("till")
    async with view.reading() as connection:
        shift = None
        if shift_id and till:
            shift = await shifts.one(connection, outlet.outlet_id, shift_id, till, view.now)
        if shift is None:
            raise HTTPException(404)
        key: dict[str, Any] = {
            "outlet": outlet.outlet_id,
            "shift": shift.shift_id,
            "till": shift.till_id,
            "first": shift.first or shift.day,
            "last": shift.last or shift.day,
        }
        documents = await _found(connection, "receipts", {**key, "limit": _MOST + 1}, Document)
        moves = await _found(connection, "cash_moves", {**key, "limit": _MOST}, CashMove)
    return ShiftCard(
        shift=shift,
        outlet=outlet,
        report=[line for line in shift.report if line.reported is not None or line.counted],
        documents=documents[:_MOST],
        more=len(documents) > _MOST,
        moves=moves,
    )


async def _found(connection: Connection, name: str, parameters: dict[str, Any], kind: type[R]) -> list[R]:
    async with connection.cursor(row_factory=class_row(kind)) as cursor:
        return await (await cursor.execute(_sql[name], parameters)).fetchall()


PAGE = Page(
    path="/shifts/card", action="figures", gate=LICENSED, load=card, live=True, needs=(*shifts.NEEDS, "cash_moves")
)
