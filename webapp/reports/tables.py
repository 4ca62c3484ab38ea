"""The report's tables as files: revenue over time, payment methods, best goods, best groups, hours of the week."""

from __future__ import annotations

from collections.abc import AsyncIterator

from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.page import Download
from webapp.reports import breakdown, periods
from webapp.reports.breakdown import SoldGood
from webapp.reports.periods import Window
from webapp.reports.series import drawn_series, span
from webapp.reports.view import View
from webapp.translation import locale_of
from webapp.words import payment_method, weekday


async def revenue(view: View) -> Export:
    _ = view.gettext

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for bucket in (await drawn_series(connection, view, view.filters.period("30d")))[2]:
            yield [bucket.first, bucket.hour, bucket.revenue, bucket.sales]

    hour = Column(_("Hour"), "count")
    columns = [Column(_("Begins"), "day"), hour, Column(_("Revenue"), "money"), Column(_("Sales"), "count")]
    return Export(_("Revenue"), columns, view.reading(), rows)


async def payments(view: View) -> Export:
    _, locale = view.gettext, locale_of(view.request)

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for method in await breakdown.methods(connection, _windows(view)):
            yield [payment_method(method.method, locale), method.amount, method.count]

    columns = [Column(_("Payment method"), "text"), Column(_("Amount"), "money"), Column(_("Payments"), "count")]
    return Export(_("Payment methods"), columns, view.reading(), rows)


async def goods(view: View) -> Export:
    _, names = view.gettext, view.names

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for good in await _sold_goods(connection, view):
            yield [names[good.outlet_id], good.name, good.category, good.quantity, good.amount]

    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Quantity"), "quantity"),
        Column(_("Amount"), "money"),
    ]
    return Export(_("Best goods"), columns, view.reading(), rows)


async def groups(view: View) -> Export:
    _ = view.gettext

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for group in breakdown.groups(await _sold_goods(connection, view)):
            yield [group.name or _("without a group"), group.quantity, group.amount]

    columns = [Column(_("Group"), "text"), Column(_("Quantity"), "quantity"), Column(_("Amount"), "money")]
    return Export(_("Best groups"), columns, view.reading(), rows)


async def hours(view: View) -> Export:
    _, locale = view.gettext, locale_of(view.request)

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        by_hour = await breakdown.hours_of_week(connection, _windows(view))
        for (day, hour), figures in sorted(by_hour.items(), key=lambda item: item[0]):
            yield [weekday(day, locale), hour, figures.revenue, figures.sales]

    columns = [
        Column(_("Weekday"), "text"),
        Column(_("Hour"), "count"),
        Column(_("Revenue"), "money"),
        Column(_("Sales"), "count"),
    ]
    return Export(_("Hours of the week"), columns, view.reading(), rows)


def _windows(view: View) -> list[Window]:
    return periods.windows(view.filters.period("30d"), view.seen, view.now)


async def _sold_goods(connection: Connection, view: View) -> list[SoldGood]:
    windows = _windows(view)
    days = await span(connection, windows)
    return await breakdown.sold_goods(connection, breakdown.ranked(windows, days[1]) if days else windows)


DOWNLOADS = tuple(
    Download(f"/report/{name}", load)
    for name, load in (
        ("revenue", revenue),
        ("payments", payments),
        ("goods", goods),
        ("groups", groups),
        ("hours", hours),
    )
)
