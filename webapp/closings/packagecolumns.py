"""The columns of the accountant's package, sheet by sheet, behind those that name the outlet."""

from __future__ import annotations

from webapp.exports import Column
from webapp.translation import translations


class Columns:
    """In a language; what goods cost only with `costs`."""

    def __init__(self, locale: str, costs: bool) -> None:
        _ = translations(locale).gettext
        revenue, tax = Column(_("Revenue"), "money"), Column(_("Tax"), "money")
        day, moment = Column(_("Day"), "day"), Column(_("Date and time"), "moment")
        till, number, total = Column(_("Till"), "text"), Column(_("Number"), "code"), Column(_("Total"), "money")
        discounts, goods = Column(_("Discounts"), "money"), Column(_("Goods"), "money")
        sales, returned = Column(_("Sales"), "count"), Column(_("Returns"), "money")
        figures = [
            *(sales, revenue, goods, discounts, Column(_("Number of returns"), "count"), returned),
            *(Column(_("Voided"), "count"), tax, Column(_("Advances"), "money"), Column(_("Tips"), "money")),
            Column(_("Debts paid off"), "money"),
        ]
        if costs:
            figures += [Column(_("Cost"), "money"), Column(_("Revenue with a known cost"), "money")]
        fiscal = (_("Fiscal drive"), _("Fiscal document"), _("Fiscal sign"))
        tail = [revenue, tax, Column(_("Paid by"), "text"), *(Column(title, "code") for title in fiscal)]
        tail.append(Column(_("Mark"), "text"))
        self.outlet = [Column(_("Outlet"), "text"), Column(_("Currency"), "text")]
        self.month = [*figures, Column(_("Days that do not add up"), "count")]
        self.days = [day, *figures, Column(_("Adds up"), "text")]
        self.payments = [
            *(day, Column(_("Method"), "text"), Column(_("Payments"), "count")),
            Column(_("Amount"), "money"),
        ]
        self.taxes = [day, Column(_("Rate, %"), "text"), Column(_("Without tax"), "money"), tax]
        self.returns = [moment, till, number, Column(_("Of sale"), "code"), total, *tail]
        self.receipts = [moment, till, number, goods, discounts, total, *tail]
        self.shifts = [
            *(day, Column(_("Shift"), "code"), Column(_("Opened"), "moment"), Column(_("Closed at"), "moment")),
            *(Column(_("Cashier"), "text"), sales, revenue, returned),
            *(Column(_("Should be in the drawer"), "money"), Column(_("Counted in it"), "money")),
            Column(_("Off by"), "money"),
        ]
        self.cash = [moment, till, Column(_("Reason"), "text"), Column(_("Amount"), "money")]
