"""«Закрытие месяца»: the months that were closed, and the form that closes one."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec import Struct
from psycopg.rows import class_row
from starlette.requests import Request
from starlette.responses import Response

from webapp.account_outlets import Outlet, outlets
from webapp.closings.document import LedgerOf
from webapp.closings.reading import sql
from webapp.closings.recipients import Recipient, recipients
from webapp.context import Context
from webapp.menu import Entry
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import Session, required
from webapp.site import Site, site_of
from webapp.translation import N_

_MONTHS = 24
"""So many months back one may be closed from here."""


class Row(Struct, frozen=True):
    """A closing as the list shows it; `closed_by` and `reopened_by` are e-mail addresses."""

    closing_id: UUID
    outlet_id: UUID
    outlet: str
    zone: str
    removed: bool
    licensed: bool
    first: date
    last: date
    closed_at: datetime
    closed_by: str
    knowingly: bool
    reopened_at: datetime | None
    reopened_by: str | None
    reopened_because: str


class Closings(Context, frozen=True):
    """`choice` and `months` are what may be closed; to `recipients` a package may go. `error` says what the form, which
    asked for `outlet_id` and `month`, could not do; with `incomplete` it is asked for again, knowing what is not there.
    `notice` says what was done."""

    template = "closings/list.html"
    title = N_("Closing of months")

    closings: list[Row]
    choice: list[Outlet]
    months: list[date]
    outlet_id: UUID | None
    month: date | None
    error: str
    incomplete: LedgerOf | None
    recipients: list[Recipient]
    notice: str


async def page(visit: Visit) -> Closings:
    return await _closings(visit.request)


async def show(
    request: Request,
    status: int,
    error: str,
    outlet_id: UUID | None = None,
    month: date | None = None,
    incomplete: LedgerOf | None = None,
) -> Response:
    """The page, with what the form could not do."""
    return render(request, await _closings(request, error, outlet_id, month, incomplete), status)


async def _closings(
    request: Request,
    error: str = "",
    outlet_id: UUID | None = None,
    month: date | None = None,
    incomplete: LedgerOf | None = None,
) -> Closings:
    site, session = site_of(request), required(request)
    choice = await closable(site, session)
    return Closings(
        closings=await rows(site, session),
        choice=choice,
        months=months(max((outlet.day(site.clock()) for outlet in choice), default=site.clock().date())),
        outlet_id=outlet_id,
        month=month,
        error=error,
        incomplete=incomplete,
        recipients=await recipients(site, session),
        notice=request.query_params.get("notice", ""),
    )


async def closable(site: Site, session: Session) -> list[Outlet]:
    """The outlets whose months may be closed: those for trying are in no total, and without a licence no figures are
    shown."""
    found = await outlets(site.database, session.account)
    return [outlet for outlet in found if outlet.licensed and not outlet.test]


async def rows(site: Site, session: Session, closing_id: UUID | None = None) -> list[Row]:
    """The closings that the reader may see, or the one of that id."""
    seen = session.member.outlets
    parameters = {
        "account": session.account_id,
        "outlets": None if seen is None else list(seen),
        "closing": closing_id,
    }
    async with site.database.asking() as connection, connection.cursor(row_factory=class_row(Row)) as cursor:
        return await (await cursor.execute(sql["closings"], parameters)).fetchall()


def months(today: date) -> list[date]:
    """The first days of the months that are over, the latest first. Pure."""
    found, first = list[date](), today.replace(day=1)
    while len(found) < _MONTHS:
        first = date(first.year - (first.month == 1), (first.month - 2) % 12 + 1, 1)
        found.append(first)
    return found


def month_before(today: date) -> tuple[date, date]:
    """The first and last day of the month before. Pure."""
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


def month_of(text: str) -> tuple[date, date] | None:
    """The first and last day of a month written like 2026-10; None for anything else. Pure."""
    year, dash, month = text.partition("-")
    if not (dash and len(text) == 7 and text.isascii() and year.isdigit() and month.isdigit()):
        return None
    if not (2000 <= int(year) <= 2200 and 1 <= int(month) <= 12):
        return None
    first = date(int(year), int(month), 1)
    return first, first.replace(day=calendar.monthrange(first.year, first.month)[1])


PAGE = Page(
    path="/closings",
    action="figures",
    menu=Entry("sections", N_("Closing of months"), minor=True),
    gate=OWNER,
    load=page,
)
