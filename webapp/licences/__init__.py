"""Licences: one per outlet, any number of viewing devices; a trial of 30 days for all outlets of a new account.

Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute

from webapp.licences import invoice, licences, webhook
from webapp.routes import ActionRoute, form

routes: list[BaseRoute] = [
    form("/licences/invoices", licences.buy, "money"),
    ActionRoute("/licences/invoices/{number:int}.pdf", invoice.invoice_pdf, "invoices"),
    form("/licences/invoices/{number:int}/cancel", invoice.cancel, "money"),
    form("/api/v1/payments", webhook.notice, "anybody"),
]
