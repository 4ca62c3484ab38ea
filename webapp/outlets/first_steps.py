"""The first steps: an outlet is added, and its till's token is shown once."""

from __future__ import annotations

from uuid import uuid4

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms, owned
from webapp.context import Context
from webapp.outlets import outlet_lock, zones
from webapp.outlets.outlet_lock import LockedOutlet
from webapp.outlets.till_token import add_till, issue_token, token_page
from webapp.outlets.zones import Currency, Zone
from webapp.owned import Outlet
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import locale_of, translations


class Entered(Struct, frozen=True):
    """What was typed about a new outlet."""

    name: str = ""
    zone: str = zones.DEFAULT_ZONE
    currency: str = "RUB"


class FirstSteps(Context, frozen=True):
    """`account_outlets` are those that there are; `error` says what is wrong with what was `entered`."""

    template = "outlets/first_steps.html"

    entered: Entered
    error: str
    russian: list[Zone]
    others: list[Zone]
    currencies: list[Currency]
    account_outlets: list[Outlet]


async def page(visit: Visit) -> FirstSteps:
    """The form for an outlet."""
    return await _form(visit.request, Entered())


async def add_outlet(request: Request) -> Response:
    """Makes the outlet with its first till and shows the till's token, the only time it can be seen."""
    site, session = site_of(request), required(request)
    fields = await forms.read(request)
    entered = Entered(fields.text("name", 100), fields.text("zone"), fields.text("currency"))
    if error := wrong(entered):
        return render(request, await _form(request, entered, error), 422)
    outlet_id = uuid4()
    async with site.database.writing() as connection:
        parameters = {
            "outlet_id": outlet_id,
            "account_id": session.account_id,
            "name": entered.name,
            "zone": entered.zone,
            "currency": entered.currency,
        }
        added = await (await connection.execute(outlet_lock.sql["add_outlet"], parameters)).fetchone()
        if added is not None:
            name = translations(locale_of(request)).gettext("Till %(number)s") % {"number": 1}
            till_id = await add_till(connection, outlet_id, name)
            token = await issue_token(connection, till_id)
    if added is None:
        return render(request, await _form(request, entered, "name_taken"), 422)
    outlet = LockedOutlet(outlet_id, entered.name, entered.zone, entered.currency, False)
    return token_page(request, outlet, name, token, first=True)


def wrong(entered: Entered) -> str:
    """What is wrong with an outlet's fields, as a code for the page; "" where nothing is."""
    if not entered.name or not entered.name.isprintable():
        return "name"
    if not zones.is_zone(entered.zone):
        return "zone"
    return "" if entered.currency in zones.CURRENCIES else "currency"


async def _form(request: Request, entered: Entered, error: str = "") -> FirstSteps:
    site, session, locale = site_of(request), required(request), locale_of(request)
    russian, others = zones.zones(locale, site.clock().date())
    return FirstSteps(
        entered=entered,
        error=error,
        russian=russian,
        others=others,
        currencies=zones.currencies(locale),
        account_outlets=await owned.outlets(site.database, session.account_id),
    )


PAGE = Page(path="/first-steps", gate=OWNER, load=page)
