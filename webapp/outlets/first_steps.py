"""The first steps: an outlet is added, and its till's token is shown once."""

from __future__ import annotations

from uuid import uuid4

from msgspec import Struct
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.account_outlets import Outlet, outlets
from webapp.bounds import check_room
from webapp.context import Context
from webapp.outlets import outlet_lock, till_token, zones
from webapp.outlets.till_token import add_till, issue_token
from webapp.outlets.zones import Currency, Zone
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import locale_of, translations


class Entered(Struct, frozen=True):
    """What was typed about an outlet; `day_begins` is None where it is no hour at which a day may begin."""

    name: str = ""
    zone: str = zones.DEFAULT_ZONE
    day_begins: int | None = 0
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
    entered = Entered(
        fields.text("name", 100), fields.text("zone"), hour(fields.text("day_begins")), fields.text("currency")
    )
    if error := wrong(entered):
        return render(request, await _form(request, entered, error), 422)
    outlet_id = uuid4()
    async with site.database.writing() as connection:
        await check_room(connection, "outlets", session.account_id)
        parameters = {
            "outlet_id": outlet_id,
            "account_id": session.account_id,
            "name": entered.name,
            "zone": entered.zone,
            "day_begins": entered.day_begins,
            "currency": entered.currency,
        }
        added = await (await connection.execute(outlet_lock.sql["add_outlet"], parameters)).fetchone()
        if added is not None:
            name = translations(locale_of(request)).gettext("Till %(number)s") % {"number": 1}
            till_id = await add_till(connection, outlet_id, name)
            made = await issue_token(connection, till_id)
    if added is None:
        return render(request, await _form(request, entered, "name_taken"), 422)
    return till_token.show(request, made, first=True)


def hour(text: str) -> int | None:
    """The hour at which a day is to begin, 0 where nothing was chosen; None for what is none."""
    if not text:
        return 0
    return int(text) if text.isascii() and text.isdigit() and int(text) in zones.DAY_BEGINNINGS else None


def wrong(entered: Entered) -> str:
    """What is wrong with an outlet's fields, as a code for the page; "" where nothing is."""
    if not entered.name or not entered.name.isprintable():
        return "name"
    if not zones.is_zone(entered.zone):
        return "zone"
    if entered.day_begins is None:
        return "day_begins"
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
        account_outlets=await outlets(site.database, session.account),
    )


PAGE = Page(path="/first-steps", action="add_outlet", gate=OWNER, load=page)
