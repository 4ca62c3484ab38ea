"""Дашборд: all outlets at a glance, today against the same hours before, and whether the data is whole."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from schemas.amounts import ZERO
from schemas.statements import load
from webapp.database import Connection
from webapp.owned import Outlet
from webapp.rendering import render
from webapp.reports.completeness import Completeness, completeness
from webapp.reports.gate import closed
from webapp.reports.periods import Period, Window, windows
from webapp.reports.sparkline import points
from webapp.reports.sums import Sums, change, sums, total
from webapp.reports.view import open_view

_sql = load("webapp.reports", "dashboard.sql")
_COMPARED = ("today", "yesterday-by-now", "week-ago-by-now")
_SPARK_DAYS = 14


class Today(Struct, frozen=True):
    """Today's figures of outlets that count in one currency, against the same hours of yesterday and a week ago."""

    currency: str
    outlets: list[Outlet]
    today: Sums
    yesterday: Sums
    week_ago: Sums

    @property
    def against_yesterday(self) -> Decimal | None:
        return change(self.today.revenue, self.yesterday.revenue)

    @property
    def against_week_ago(self) -> Decimal | None:
        return change(self.today.revenue, self.week_ago.revenue)


class Line(Struct, frozen=True):
    """An outlet's row. `spark` are its last days as points of an SVG polyline, `recent` their revenue."""

    outlet: Outlet
    today: Sums
    yesterday: Sums
    whole: Completeness
    spark: str
    recent: Decimal


async def dashboard(request: Request) -> Response:
    view = await open_view(request, everything=True)
    if not view.owned:
        closed_page = closed(view)
        assert closed_page is not None  # there is nothing connected
        return closed_page
    shown = [outlet for outlet in view.owned if outlet.licensed]
    compared = {key: windows(Period(key), shown, view.now) for key in _COMPARED}
    recent = [
        Window(window.outlet_id, window.last - timedelta(days=_SPARK_DAYS - 1), window.last)
        for window in compared["today"]
    ]
    month = windows(Period("30d"), shown, view.now)
    async with view.reading() as connection:
        found = await sums(connection, compared)
        whole = await completeness(connection, month)
        sparks = await _recent_days(connection, recent)
    none = Sums()
    lines = [
        Line(
            outlet,
            found["today"].get(outlet.outlet_id, none),
            found["yesterday-by-now"].get(outlet.outlet_id, none),
            whole[outlet.outlet_id],
            points(sparks[outlet.outlet_id]),
            sum(sparks[outlet.outlet_id], ZERO),
        )
        for outlet in shown
    ]
    currencies = list(dict.fromkeys(outlet.currency for outlet in shown))
    return render(
        request,
        "reports/dashboard.html",
        {
            **view.context(),
            "lines": lines,
            "expired": [outlet for outlet in view.owned if not outlet.licensed],
            "goods": sum(line.whole.goods for line in lines),
            "sales": sum(line.whole.sales for line in lines),
            "todays": [_today(currency, shown, found) for currency in currencies],
            "compared": _COMPARED,
            "chooser": False,
            "live": True,
            "spark_days": _SPARK_DAYS,
            "spark_windows": {window.outlet_id: window for window in recent},
        },
    )


def _today(currency: str, shown: Sequence[Outlet], found: dict[str, dict[UUID, Sums]]) -> Today:
    mine = [outlet for outlet in shown if outlet.currency == currency]
    ids = {outlet.outlet_id for outlet in mine}
    today, yesterday, week_ago = (
        total({key: value for key, value in found[period].items() if key in ids}) for period in _COMPARED
    )
    return Today(currency, mine, today, yesterday, week_ago)


async def _recent_days(connection: Connection, recent: Sequence[Window]) -> dict[UUID, list[Decimal]]:
    rows = await connection.execute(
        _sql["recent_days"],
        {
            "outlets": [window.outlet_id for window in recent],
            "firsts": [window.first for window in recent],
            "lasts": [window.last for window in recent],
        },
    )
    found = {(outlet_id, day): revenue async for outlet_id, day, revenue in rows}
    return {
        window.outlet_id: [
            found.get((window.outlet_id, window.first + timedelta(days=i)), ZERO) for i in range(_SPARK_DAYS)
        ]
        for window in recent
    }


routes: list[BaseRoute] = [Route("/", dashboard)]
