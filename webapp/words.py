"""Words for what tills name by a code: payment methods, reasons, days of the week, in the reader's language."""

from __future__ import annotations

from webapp.translation import N_, translations

PAYMENT_METHODS = {
    "cash": N_("Cash"),
    "card": N_("Card"),
    "sbp": N_("Faster Payments"),
    "credit": N_("On credit"),
    "points": N_("Points"),
    "gift_card": N_("Gift card"),
    "prepayment": N_("Prepayment"),
    "other": N_("Other"),
}
CASH_REASONS = {
    "deposit": N_("Cash put in"),
    "withdrawal": N_("Cash taken out"),
    "debt_repayment": N_("Debt paid off"),
    "expense": N_("Expense"),
    "salary": N_("Salary"),
    "other": N_("Other"),
}
WEEKDAYS = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))


def payment_method(method: str, locale: str) -> str:
    """A payment method by its name; one that is not known here by its code."""
    return translations(locale).gettext(PAYMENT_METHODS[method]) if method in PAYMENT_METHODS else method


def cash_reason(reason: str, locale: str) -> str:
    """Why cash was moved; a reason that is not known here by its code."""
    return translations(locale).gettext(CASH_REASONS[reason]) if reason in CASH_REASONS else reason


def weekday(number: int, locale: str) -> str:
    """A day of the week from Monday = 1, in short."""
    return translations(locale).gettext(WEEKDAYS[number - 1])
