"""Дашборд: all outlets at a glance, today against the same hours before, and whether the data is whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from starlette.responses import Response

from schemas.amounts import ZERO
from schemas.statements import load
from webapp.account_outlets import Outlet
from webapp.actions import allowed
from webapp.completeness.state import Completeness, completeness
from webapp.completeness.tills import TillNews, till_news
from webapp.context import Context
from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.menu import Entry
from webapp.page import Download, Page
from webapp.reports.filenames import filename
from webapp.reports.gate import ACCOUNT, closed
from webapp.reports.off_days import OffDay, off_days
from webapp.reports.periods import Period, Window, windows
from webapp.reports.sparkline import points
from webapp.reports.sums import Sums, change, sums, total
from webapp.reports.today import TodayAlone, today_alone
from webapp.reports.view import View
from webapp.translation import N_, locale_of
from webapp.zonenames import zone_name

_sql = load("webapp.reports", "dashboard.sql")
_COMPARED = ("today", "yesterday-by-now", "week-ago-by-now")
_SPARK_DAYS = 14
_LEAST_BASE = 5
"""Receipts, of fewer of which no percentage is a statement."""


class Today(Struct, frozen=True):
    """Today's figures of outlets that count in one currency, against the same hours of yesterday and a week ago."""

    currency: str
    outlets: list[Outlet]
    today: Sums
    yesterday: Sums
    week_ago: Sums

    @property
    def against_yesterday(self) -> Decimal | None:
        return _against(self.today, self.yesterday)

    @property
    def against_week_ago(self) -> Decimal | None:
        return _against(self.today, self.week_ago)


class Line(Struct, frozen=True):
    """An outlet's row. `spark` are its last days as points of an SVG polyline, `recent` their revenue."""

    outlet: Outlet
    today: Sums
    yesterday: Sums
    week_ago: Sums
    whole: Completeness
    off_days: tuple[OffDay, ...]
    spark: str
    recent: Decimal
    sold_recently: bool

    @property
    def against_yesterday(self) -> Decimal | None:
        return _against(self.today, self.yesterday)


def _against(now: Sums, before: Sums) -> Decimal | None:
    """The change of revenue; None where too few receipts came before."""
    return change(now.revenue, before.revenue) if before.sales >= _LEAST_BASE else None


class Glance(Struct, frozen=True):
    """What the dashboard is made of: its rows, the sums by period and outlet, the days of the sparklines by outlet, and
    the news of tills by outlet."""

    lines: list[Line]
    tills: dict[UUID, TillNews]
    sums: dict[str, dict[UUID, Sums]]
    windows: dict[UUID, Window]


class Counts(Struct, frozen=True):
    """How many goods and sales there are in outlets of one currency."""

    goods: int
    sales: int


class Dashboard(Context, frozen=True):
    """`counts` by currency; `spark_windows` are the days of the sparklines by outlet."""

    template = "reports/dashboard.html"
    title = N_("Dashboard")

    lines: list[Line]
    counts: dict[str, Counts]
    todays: list[Today]
    spark_days: int
    spark_windows: dict[UUID, Window]
    tills: dict[UUID, TillNews]


async def _glance(view: View, shown: Sequence[Outlet]) -> Glance:
    compared = {key: windows(Period(key), shown, view.now) for key in _COMPARED}
    # Whole days: today's part of one would look as if the shop had collapsed.
    recent = [
        Window(window.outlet_id, window.last - timedelta(days=_SPARK_DAYS), window.last - timedelta(days=1))
        for window in compared["today"]
    ]
    async with view.reading_whole(shown) as snapshot:
        connection = snapshot.connection
        sums_by_period = await sums(connection, compared)
        whole = await completeness(snapshot, [outlet.outlet_id for outlet in shown], view.standstills)
        off = await off_days(connection, windows(Period("30d"), shown, view.now), view.session.alarm_from)
        sparks = await _recent_days(connection, recent)
        tills = await till_news(connection, [outlet.outlet_id for outlet in shown], view.now)
    none = Sums()
    lines = [
        Line(
            outlet,
            sums_by_period["today"].get(outlet.outlet_id, none),
            sums_by_period["yesterday-by-now"].get(outlet.outlet_id, none),
            sums_by_period["week-ago-by-now"].get(outlet.outlet_id, none),
            whole[outlet.outlet_id],
            off[outlet.outlet_id],
            points(sparks[outlet.outlet_id]),
            sum(sparks[outlet.outlet_id], ZERO),
            any(sparks[outlet.outlet_id]),
        )
        for outlet in shown
    ]
    return Glance(lines, tills, sums_by_period, {window.outlet_id: window for window in recent})


async def dashboard(view: View) -> Dashboard | TodayAlone | Response:
    if not allowed(view.session.member, "figures"):
        return await today_alone(view)
    if not view.outlets and (instead := closed(view)):
        return instead
    shown = [outlet for outlet in view.outlets if outlet.licensed]
    glance = await _glance(view, shown)
    currencies = list(dict.fromkeys(outlet.currency for outlet in shown))
    return Dashboard(
        lines=glance.lines,
        counts={currency: _counts(currency, glance.lines) for currency in currencies},
        todays=[_today(currency, shown, glance.sums) for currency in currencies],
        spark_days=_SPARK_DAYS,
        spark_windows=glance.windows,
        tills=glance.tills,
    )


async def export(view: View) -> Export:
    """The outlets with their figures of today, and whether their data is whole."""
    shown = [outlet for outlet in view.outlets if outlet.licensed]
    _ = view.gettext
    locale, differ = locale_of(view.request), len({outlet.zone for outlet in shown}) > 1
    zones = {outlet.outlet_id: zone_name(outlet.zone, locale, view.now.date()) for outlet in shown if differ}
    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Currency"), "text"),
        Column(_("Goods"), "count"),
        Column(_("Sales of all time"), "count"),
        Column(_("Sales of today"), "count"),
        Column(_("Today"), "money"),
        Column(_("Yesterday by this hour"), "money"),
        Column(_("A week ago by this hour"), "money"),
        Column(_("Data through"), "moment"),
        Column(_("Missing events"), "count"),
        Column(_("Refused events"), "count"),
        Column(_("Receipts that do not add up"), "count"),
        *([Column(_("Time zone"), "text")] if zones else []),
    ]

    async def rows(_connection: Connection) -> AsyncIterator[Row]:
        for line in (await _glance(view, shown)).lines:
            yield [
                line.outlet.name,
                line.outlet.currency,
                line.whole.goods,
                line.whole.sales,
                line.today.sales,
                line.today.revenue,
                line.yesterday.revenue,
                line.week_ago.revenue,
                line.whole.through and line.outlet.local(line.whole.through),
                sum(hole.last - hole.first + 1 for hole in line.whole.missing),
                line.whole.left_out.refused_events + line.whole.left_out.refused_before,
                sum(day.receipts for day in line.off_days),
                *([zones[line.outlet.outlet_id]] if zones else []),
            ]

    return Export(filename(view, _("Dashboard")), columns, view.account, rows)


def _counts(currency: str, lines: Sequence[Line]) -> Counts:
    wholes = [line.whole for line in lines if line.outlet.currency == currency]
    return Counts(sum(whole.goods for whole in wholes), sum(whole.sales for whole in wholes))


def _today(currency: str, shown: Sequence[Outlet], sums_by_period: dict[str, dict[UUID, Sums]]) -> Today:
    outlets = [outlet for outlet in shown if outlet.currency == currency]
    ids = {outlet.outlet_id for outlet in outlets}
    today, yesterday, week_ago = (
        total({key: value for key, value in sums_by_period[period].items() if key in ids}) for period in _COMPARED
    )
    return Today(currency, outlets, today, yesterday, week_ago)


async def _recent_days(connection: Connection, recent: Sequence[Window]) -> dict[UUID, list[Decimal]]:
    rows = await connection.execute(
        _sql["recent_days"],
        {
            "outlets": [window.outlet_id for window in recent],
            "firsts": [window.first for window in recent],
            "lasts": [window.last for window in recent],
        },
    )
    revenues = {(outlet_id, day): revenue async for outlet_id, day, revenue in rows}
    return {
        window.outlet_id: [
            revenues.get((window.outlet_id, window.first + timedelta(days=i)), ZERO) for i in range(_SPARK_DAYS)
        ]
        for window in recent
    }


PAGE = Page(
    path="/",
    action="today",
    menu=Entry("sections", N_("Dashboard")),
    gate=ACCOUNT,
    load=dashboard,
    live=True,
    downloads=(Download("/dashboard", export),),
)
