"""Licences: one per outlet, any number of viewing devices; a trial of 30 days for all outlets of a new account.

Here: what is no page of them."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.licences import invoice, licences, webhook

routes: list[BaseRoute] = [
    Route("/licences/invoices", licences.buy, methods=["POST"]),
    Route("/licences/invoices/{number:int}.pdf", invoice.invoice_pdf),
    Route("/licences/invoices/{number:int}/cancel", invoice.cancel, methods=["POST"]),
    Route("/api/v1/payments", webhook.notice, methods=["POST"]),
]
