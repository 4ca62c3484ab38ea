"""The licences of an account: their state, buying, invoices; and the public price list."""

from __future__ import annotations

import asyncio
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.licences import invoices
from webapp.licences.invoices import Document
from webapp.licences.pdf import pdf
from webapp.licences.state import states
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import required
from webapp.state import portal_of
from webapp.translation import locale_of


async def tariffs(request: Request) -> Response:
    """The price list, for anybody."""
    async with portal_of(request).database.writing() as connection:
        prices = await invoices.prices(connection)
    return render(request, "licences/tariffs.html", {"prices": prices})


async def licences(request: Request) -> Response:
    return await _page(request)


async def buy(request: Request) -> Response:
    """Makes an invoice over the ticked outlets for the chosen months."""
    session = required(request)
    sent = await forms.read(request)
    chosen = set(sent.all("outlet"))
    async with portal_of(request).database.writing() as connection:
        own = await states(connection, session.account_id, portal_of(request).clock())
        prices = {str(price.months): price for price in await invoices.prices(connection)}
        if chosen - {str(state.outlet_id) for state in own}:
            raise HTTPException(404)
        price = prices.get(sent.text("months"))
        if chosen and price:
            outlets = [state.outlet_id for state in own if str(state.outlet_id) in chosen]
            number = await invoices.add(connection, session.account_id, outlets, price, sent.text("payer", 300))
            return redirect(f"/licences/invoices/{number}")
    return await _page(request, "months" if chosen else "no_outlets", 422)


async def invoice_page(request: Request) -> Response:
    return render(request, "licences/invoice.html", {"document": await _document(request)})


async def invoice_pdf(request: Request) -> Response:
    document = await _document(request)
    content = await asyncio.to_thread(pdf, document, locale_of(request))
    return Response(
        content,
        media_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="invoice-{document.invoice.number}.pdf"',
            "Cache-Control": "no-store",
        },
    )


async def cancel_invoice(request: Request) -> Response:
    session = required(request)
    async with portal_of(request).database.writing() as connection:
        if not await invoices.cancel(connection, session.account_id, request.path_params["number"]):
            raise HTTPException(404)
    return redirect("/licences")


async def _document(request: Request) -> Document:
    account_id: UUID = required(request).account_id
    async with portal_of(request).database.writing() as connection:
        found = await invoices.document(connection, account_id, request.path_params["number"])
    if found is None:
        raise HTTPException(404)
    return found


async def _page(request: Request, error: str = "", status: int = 200) -> Response:
    portal, session = portal_of(request), required(request)
    async with portal.database.writing() as connection:
        own = await states(connection, session.account_id, portal.clock())
        context = {
            "states": own,
            "paid": sum(state.kind == "paid" for state in own),
            "prices": await invoices.prices(connection),
            "invoices": await invoices.of_account(connection, session.account_id),
            "error": error,
        }
    return render(request, "licences/licences.html", context, status)
