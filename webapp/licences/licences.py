"""The licences of an account: their state, and buying them."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.bounds import check_room
from webapp.context import Context
from webapp.licences import invoices
from webapp.licences.invoices import Invoice, Price
from webapp.licences.state import State, states
from webapp.menu import Entry
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_


class Licences(Context, frozen=True):
    """`paid` is the number of licences paid for; `error` says why no invoice was made, "" where none was asked for.
    Without `seller_set` none can be made. `zone` is the account's, by which invoices are dated."""

    template = "licences/licences.html"
    title = N_("Licences of Web office")

    states: list[State]
    paid: int
    prices: list[Price]
    invoices: list[Invoice]
    seller_set: bool
    zone: str
    error: str


async def page(visit: Visit) -> Licences:
    return await _licences(visit.request)


async def buy(request: Request) -> Response:
    """Makes an invoice over the ticked outlets for the chosen months."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    ticked = set(fields.all("outlet"))
    async with site.database.writing() as connection:
        account_states = await states(connection, session.account_id, site.clock())
        prices = {str(price.months): price for price in await invoices.prices(connection)}
        if ticked - {str(state.outlet_id) for state in account_states}:
            raise HTTPException(404)
        price = prices.get(fields.text("months"))
        seller = await invoices.seller(connection)
        if ticked and price and seller.complete:
            await check_room(connection, "open_invoices", session.account_id)
            outlets = [state.outlet_id for state in account_states if str(state.outlet_id) in ticked]
            number = await invoices.add(connection, session.account_id, outlets, price, fields.text("payer", 300))
            return redirect(f"/licences/invoices/{number}")
    error = "" if not seller.complete else "months" if ticked else "no_outlets"
    return render(request, await _licences(request, error), 422 if seller.complete else 409)


async def _licences(request: Request, error: str = "") -> Licences:
    site, session = site_of(request), required(request)
    async with site.database.writing() as connection:
        account_states = await states(connection, session.account_id, site.clock())
        return Licences(
            states=account_states,
            paid=sum(state.kind == "paid" for state in account_states),
            prices=await invoices.prices(connection),
            invoices=await invoices.of_account(connection, session.account_id),
            seller_set=(await invoices.seller(connection)).complete,
            zone=await invoices.zone(connection, session.account_id),
            error=error,
        )


PAGE = Page(path="/licences", action="invoices", menu=Entry("sections", N_("Licences")), gate=OWNER, load=page)
