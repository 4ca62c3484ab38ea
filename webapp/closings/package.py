"""The accountant's package: a month of several outlets as sheets, by the statements of the read API."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from psycopg.rows import dict_row

from schemas.statements import load
from webapp import formats, words
from webapp.account import Account
from webapp.account_outlets import Outlet
from webapp.closings.packagecolumns import Columns
from webapp.database import Connection, listed
from webapp.exports import Cell, Column, Package, Part, Row
from webapp.shifts import difference
from webapp.translation import translations

sql = load("webapp.closings", "package.sql")
_figures, _shifts = load("webapp.readapi", "figures.sql"), load("webapp.readapi", "shifts.sql")

_Cells = tuple[Cell, ...]
_RowsOf = Callable[[Connection, Outlet], AsyncIterator[_Cells]]
_SUMS = (
    *("sales", "revenue", "goods_sum", "discount_sum", "returns", "returns_sum", "voided", "tax_sum"),
    *("advances_sum", "tips_sum", "debts_sum"),
)
_COSTS = ("cost_sum", "cost_known_sum")


def package(account: Account, seen: Sequence[Outlet], first: date, last: date, locale: str, *, costs: bool) -> Package:
    """The month of these outlets in a language; what goods cost only with `costs`."""
    month = formats.day(first, locale, "LLLL y")
    name = translations(locale).gettext("Accountant's package, %(month)s") % {"month": month}
    return Package(name, _Sheets(seen, first, last, locale, costs).parts(), account)


class _Sheets:
    """What each sheet's rows are, outlet by outlet; the first two columns say which it is, and its currency."""

    def __init__(self, seen: Sequence[Outlet], first: date, last: date, locale: str, costs: bool) -> None:
        self._seen, self._locale = seen, locale
        self._span = {"from": first, "to": last}
        self._sums = (*_SUMS, *_COSTS) if costs else _SUMS
        self._columns = Columns(locale, costs)
        self._ = translations(locale).gettext

    def parts(self) -> list[Part]:
        _, columns = self._, self._columns
        return [
            self._part(_("The month"), columns.month, self._month),
            self._part(_("By day"), columns.days, self._days),
            self._part(_("Payment methods"), columns.payments, self._payments),
            self._part(_("Tax by rate"), columns.taxes, self._taxes),
            self._part(_("Returns"), columns.returns, self._returns),
            self._part(_("Receipts"), columns.receipts, self._receipts),
            self._part(_("Cash and shifts"), columns.shifts, self._shift_rows),
            self._part(_("Cash moved"), columns.cash, self._cash),
        ]

    def _part(self, name: str, columns: list[Column], rows: _RowsOf) -> Part:
        async def of_all(connection: Any) -> AsyncIterator[Row]:
            for outlet in self._seen:
                async for cells in rows(connection, outlet):
                    yield (outlet.name, outlet.currency, *cells)

        return Part(name, [*self._columns.outlet, *columns], of_all)

    async def _rows(
        self, connection: Connection, statement: bytes, outlet: Outlet, **more: object
    ) -> AsyncIterator[dict[str, Any]]:
        parameters = {"outlet": outlet.outlet_id, **self._span, **more}
        async for row in listed(connection, statement, parameters, dict_row, whole=True):
            yield row

    async def _month(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        sums: dict[str, Any] = dict.fromkeys(self._sums, 0)
        off = 0
        async for row in self._rows(connection, _figures["daily"], outlet):
            off += row["unreconciled"] != 0
            for name in self._sums:
                sums[name] += row[name]
        yield (*sums.values(), off)

    async def _days(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, _figures["daily"], outlet):
            yield (row["day"], *(row[name] for name in self._sums), self._said(row["unreconciled"] == 0))

    async def _payments(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, _figures["payments"], outlet):
            yield row["day"], words.payment_method(row["method"], self._locale), row["count"], row["amount"]

    async def _taxes(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, _figures["taxes"], outlet):
            yield row["day"], row["rate"], row["base_sum"], row["tax_sum"]

    async def _returns(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, sql["returns"], outlet):
            yield (*self._head(outlet, row), row["of_sale"], row["total"], *self._tail(row))

    async def _receipts(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, sql["sales"], outlet):
            yield (*self._head(outlet, row), row["goods_sum"], row["discount_sum"], row["total"], *self._tail(row))

    def _head(self, outlet: Outlet, row: dict[str, Any]) -> _Cells:
        return outlet.local(row["at"]), row["till"], row["number"]

    def _tail(self, row: dict[str, Any]) -> _Cells:
        _ = self._
        marks = ((row["voided"], _("voided")), (row["copy"], _("copy")), (row["correction"], _("correction")))
        return (
            row["revenue"],
            row["tax_sum"],
            self._paid(row["payments"], row["change"]),
            row["fiscal_fn"],
            row["fiscal_fd"],
            row["fiscal_fp"],
            ", ".join(words for marked, words in marks if marked),
        )

    def _paid(self, payments: list[dict[str, str]], change: Decimal) -> str:
        """«Наличные 100,00, карта 50,00», change taken off the cash."""
        sums: dict[str, Decimal] = {}
        for payment in payments:
            sums[payment["method"]] = sums.get(payment["method"], Decimal(0)) + Decimal(payment["amount"])
        if change:
            sums["cash"] = sums.get("cash", Decimal(0)) - change
        comma = "," if self._locale == "ru" else "."
        return "; ".join(
            f"{words.payment_method(method, self._locale)} {amount:.2f}".replace(".", comma)
            for method, amount in sums.items()
        )

    async def _shift_rows(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        def local(at: datetime | None) -> datetime | None:
            return outlet.local(at) if at else None

        async for row in self._rows(connection, _shifts["shifts"], outlet):
            expected, counted = row["cash_expected"], row["cash_counted"]
            yield (
                *(row["day"], row["number"], local(row["opened_at"]), local(row["closed_at"]), row["cashier"]),
                *(row["sales"], row["revenue"], row["returns_sum"]),
                *(expected, counted, difference(counted, expected)),
            )

    async def _cash(self, connection: Connection, outlet: Outlet) -> AsyncIterator[_Cells]:
        async for row in self._rows(connection, sql["cash"], outlet):
            reason = words.cash_reason(row["reason"], self._locale)
            yield outlet.local(row["at"]), row["till"], reason, row["amount"]

    def _said(self, true: bool) -> str:
        return self._("yes") if true else self._("no")
