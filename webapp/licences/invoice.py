"""An invoice: its page, its PDF, its cancellation."""

from __future__ import annotations

import asyncio
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp.context import Context
from webapp.licences import invoices, wording
from webapp.licences.invoices import Document
from webapp.licences.pdf import pdf
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of
from webapp.translation import locale_of


class InvoicePage(Context, frozen=True):
    """`vat` are the words and the sum of the line that tells of it."""

    template = "licences/invoice.html"

    document: Document
    seller_lines: list[str]
    vat: tuple[str, str]


async def page(visit: Visit) -> InvoicePage:
    document, locale = await _document(visit.request), locale_of(visit.request)
    return InvoicePage(
        document=document,
        seller_lines=wording.seller_lines(document.seller, locale),
        vat=wording.vat_line(document, locale),
    )


async def invoice_pdf(request: Request) -> Response:
    document = await _document(request)
    if not document.seller.complete:
        return redirect(f"/licences/invoices/{document.invoice.number}")  # which says what is missing
    content = await asyncio.to_thread(pdf, document, locale_of(request))
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="invoice-{document.invoice.number}.pdf"',
            "Cache-Control": "no-store",
        },
    )


async def cancel(request: Request) -> Response:
    session = required(request)
    async with site_of(request).database.writing() as connection:
        if not await invoices.cancel(connection, session.account_id, request.path_params["number"]):
            raise HTTPException(404)
    return redirect("/licences")


async def _document(request: Request) -> Document:
    account_id: UUID = required(request).account_id
    async with site_of(request).database.writing() as connection:
        document = await invoices.document(connection, account_id, request.path_params["number"])
    if document is None:
        raise HTTPException(404)
    return document


PAGE = Page(path="/licences/invoices/{number:int}", action="invoices", gate=OWNER, load=page)
