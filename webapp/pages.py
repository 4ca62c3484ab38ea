"""All pages of the portal, one line each. What concerns every page (routes, menu, tests) reads this list."""

from __future__ import annotations

from webapp import shell
from webapp.accounts import (
    account,
    code,
    credentials,
    deletion,
    journal_page,
    not_me,
    protection,
    recovery,
    registration,
    sign_in,
    support,
)
from webapp.closings import card as closing_card
from webapp.closings import closings
from webapp.exports import progress
from webapp.help import questions
from webapp.help import till as till_help
from webapp.licences import invoice as licence_invoice
from webapp.licences import licences, tariffs
from webapp.members import invitation, members
from webapp.menu import Link
from webapp.notices import notices
from webapp.notices import rules as notice_rules
from webapp.outlets import first_steps, imports, ledger, till_token, waiting
from webapp.outlets import outlet as own_outlet
from webapp.outlets import outlets as own_outlets
from webapp.page import AnyPage
from webapp.reports import (
    abc,
    cashiers,
    choose,
    compare,
    contact,
    contacts,
    dashboard,
    good,
    goods,
    hours,
    later,
    order,
    profit,
    sale,
    sales,
    shift,
    shifts,
    sold,
    summary,
    unsold,
)

PAGES: tuple[AnyPage, ...] = (
    dashboard.PAGE,
    summary.PAGE,
    later.PAGE,
    profit.PAGE,
    compare.PAGE,
    closings.PAGE,
    closing_card.PAGE,
    sales.PAGE,
    sale.PAGE,
    shifts.PAGE,
    shift.PAGE,
    cashiers.PAGE,
    goods.PAGE,
    good.PAGE,
    sold.PAGE,
    hours.PAGE,
    abc.PAGE,
    unsold.PAGE,
    order.PAGE,
    contacts.PAGE,
    contact.PAGE,
    choose.PAGE,
    progress.PAGE,
    shell.SHELL,
    shell.OFFLINE,
    licences.PAGE,
    licence_invoice.PAGE,
    tariffs.PAGE,
    own_outlets.PAGE,
    first_steps.PAGE,
    own_outlet.PAGE,
    till_token.PAGE,
    notice_rules.PAGE,
    ledger.PAGE,
    waiting.PAGE,
    imports.PAGE,
    notices.PAGE,
    account.PAGE,
    protection.PAGE,
    deletion.PAGE,
    members.PAGE,
    journal_page.PAGE,
    questions.PAGE,
    till_help.PAGE,
    support.PAGE,
    credentials.NEW_EMAIL,
    registration.SIGN_UP,
    registration.SENT,
    registration.CONFIRMATION,
    sign_in.SIGN_IN,
    sign_in.LINK_FORM,
    sign_in.LINK_SENT,
    code.CODE,
    code.STEP_UP,
    not_me.PAGE,
    sign_in.LINK,
    invitation.PAGE,
    recovery.FORGOTTEN,
    recovery.SENT,
    recovery.NEW_PASSWORD,
)
"""Of two pages whose paths fit an address the first one answers. The menu has its entries in this order."""

MENU = tuple(Link(page.path, page.menu, page.gate.figures, page.action) for page in PAGES if page.menu)
