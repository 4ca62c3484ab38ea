"""All pages of the portal, one line each. What concerns every page (routes, menu, tests) reads this list."""

from __future__ import annotations

from webapp.accounts import account, credentials, recovery, registration, sign_in
from webapp.licences import invoice as licence_invoice
from webapp.licences import licences, tariffs
from webapp.menu import Link
from webapp.outlets import first_steps, ledger, waiting
from webapp.outlets import outlet as own_outlet
from webapp.outlets import outlets as own_outlets
from webapp.page import AnyPage
from webapp.reports import contacts, dashboard, good, goods, later, sale, sales, summary

PAGES: tuple[AnyPage, ...] = (
    dashboard.PAGE,
    summary.PAGE,
    later.PAGE,
    sales.PAGE,
    sale.PAGE,
    goods.PAGE,
    good.PAGE,
    contacts.PAGE,
    licences.PAGE,
    licence_invoice.PAGE,
    tariffs.PAGE,
    own_outlets.PAGE,
    first_steps.PAGE,
    own_outlet.PAGE,
    ledger.PAGE,
    waiting.PAGE,
    account.PAGE,
    credentials.NEW_EMAIL,
    registration.SIGN_UP,
    registration.SENT,
    registration.CONFIRMATION,
    sign_in.SIGN_IN,
    sign_in.LINK_FORM,
    sign_in.LINK_SENT,
    sign_in.LINK,
    recovery.FORGOTTEN,
    recovery.SENT,
    recovery.NEW_PASSWORD,
)
"""Of two pages whose paths fit an address the first one answers. The menu has its entries in this order."""

MENU = tuple(Link(page.path, page.menu, page.gate.figures) for page in PAGES if page.menu)
