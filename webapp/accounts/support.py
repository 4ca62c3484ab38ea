"""Writing to the service's support: a letter to the address that the operator has set."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms, mail
from webapp.account_outlets import outlets
from webapp.accounts import letters, limits
from webapp.context import Context
from webapp.page import OWNER, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import N_

LONGEST = 5000
"""Characters of a message."""


class Support(Context, frozen=True):
    """`there`: the operator has set an address. `error` is "empty", or "too_many" with the seconds to `wait`."""

    template = "accounts/support.html"
    title = N_("Write to support")

    there: bool
    sent: bool = False
    message: str = ""
    error: str = ""
    wait: int = 0
    longest: int = LONGEST


async def page(visit: Visit) -> Support:
    there = bool(site_of(visit.request).support_email)
    return Support(there=there, sent=there and "sent" in visit.request.query_params)


async def send(request: Request) -> Response:
    """Queues the letter; an answer to it goes to the owner."""
    site, session = site_of(request), required(request)
    if not site.support_email:
        raise HTTPException(404)
    message = (await forms.read(request)).text("message", LONGEST)
    if not message:
        return render(request, Support(there=True, error="empty"), 422)
    if wait := await limits.attempt(site.database, limits.SUPPORT, session.email, request):
        context = Support(there=True, message=message, error="too_many", wait=wait)
        return render(request, context, 429, limits.retry_after(wait))
    names = [outlet.name for outlet in await outlets(site.database, session.account)]
    letter = letters.to_support(session.email, str(session.account_id), names, message)
    async with site.database.writing() as connection:
        await mail.queue(connection, site.support_email, letter, reply_to=session.email)
    site.mail.wake()
    return redirect("/support?sent=1")


PAGE = Page(path="/support", action="own", gate=OWNER, load=page)
