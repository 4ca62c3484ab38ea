"""The report's tables as files: revenue over time, payment methods, best goods, best groups, hours of the week."""

from __future__ import annotations

from collections.abc import AsyncIterator

from webapp.database import Connection
from webapp.exports import Column, Export, Row
from webapp.page import Download
from webapp.reports import breakdown, periods
from webapp.reports.filenames import filename
from webapp.reports.periods import Window
from webapp.reports.series import drawn_series
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
    return Export(_name(view, _("Revenue")), columns, view.account, rows)


async def payments(view: View) -> Export:
    _, locale = view.gettext, locale_of(view.request)

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for method in await breakdown.methods(connection, _windows(view)):
            yield [payment_method(method.method, locale), method.amount, method.count]

    columns = [Column(_("Payment method"), "text"), Column(_("Amount"), "money"), Column(_("Payments"), "count")]
    return Export(_name(view, _("Payment methods")), columns, view.account, rows)


async def goods(view: View) -> Export:
    _, names = view.gettext, view.names

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for good in await breakdown.sold_goods(connection, _windows(view)):
            yield [names[good.outlet_id], good.name, good.category, good.quantity, good.amount]

    columns = [
        Column(_("Outlet"), "text"),
        Column(_("Name"), "text"),
        Column(_("Group"), "text"),
        Column(_("Quantity"), "quantity"),
        Column(_("Amount"), "money"),
    ]
    return Export(_name(view, _("Best goods")), columns, view.account, rows)


async def groups(view: View) -> Export:
    _ = view.gettext

    async def rows(connection: Connection) -> AsyncIterator[Row]:
        for group in breakdown.groups(await breakdown.sold_goods(connection, _windows(view))):
            yield [group.name or _("without a group"), group.quantity, group.amount]

    columns = [Column(_("Group"), "text"), Column(_("Quantity"), "quantity"), Column(_("Amount"), "money")]
    return Export(_name(view, _("Best groups")), columns, view.account, rows)


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
    return Export(_name(view, _("Hours of the week")), columns, view.account, rows)


def _name(view: View, title: str) -> str:
    return filename(view, title, view.filters.period("30d"))


def _windows(view: View) -> list[Window]:
    return periods.windows(view.filters.period("30d"), view.seen, view.now)


DOWNLOADS = (
    Download("/report/revenue", revenue),
    Download("/report/payments", payments),
    Download("/report/goods", goods, breakdown.NEEDS),
    Download("/report/groups", groups, breakdown.NEEDS),
    Download("/report/hours", hours),
)
