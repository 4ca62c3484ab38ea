"""Licences: one per outlet, any number of viewing devices; a trial of 30 days for all outlets of a new account."""

from __future__ import annotations

from starlette.routing import BaseRoute, Route

from webapp.licences import pages, webhook

routes: list[BaseRoute] = [
    Route("/tariffs", pages.tariffs),
    Route("/licences", pages.licences),
    Route("/licences/invoices", pages.buy, methods=["POST"]),
    Route("/licences/invoices/{number:int}", pages.invoice_page),
    Route("/licences/invoices/{number:int}.pdf", pages.invoice_pdf),
    Route("/licences/invoices/{number:int}/cancel", pages.cancel_invoice, methods=["POST"]),
    Route("/api/v1/payments", webhook.notice, methods=["POST"]),
]
