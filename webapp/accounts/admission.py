"""What a visitor becomes on signing in: a new session, its cookie, and the page he wanted."""

from __future__ import annotations

from uuid import UUID

from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import RedirectResponse

from schemas.statements import load
from webapp import cookies, formats, mail
from webapp.accounts import devices, letters, links, sessions
from webapp.browsers import device
from webapp.database import Connection
from webapp.journal import note, shortened
from webapp.redirects import redirect
from webapp.site import Site, site_of

_sql = load("webapp.accounts", "accounts.sql")


async def admit(
    connection: Connection,
    account_id: UUID,
    request: Request,
    target: str,
    *,
    first: bool = False,
    by_code: bool = False,
) -> RedirectResponse:
    """Starts a session in the caller's transaction and answers with its cookie and the way to `target`. The journal
    notes it, and whether the device is a new one, of which a letter tells: but not of the `first`, by which an account
    is made, or its password changed. `by_code`: the code of the second factor was given just now."""
    site = site_of(request)
    public_url = site.public_url
    secret = await sessions.start(connection, account_id, request, public_url, by_code=by_code)
    response = redirect(target)
    cookies.put_cookie(response, sessions.cookie_name(public_url), secret, sessions.LIFETIME, public_url)
    known = await devices.remember(connection, account_id, request, response)
    browser = device(request.headers.get("user-agent", ""))
    await note(connection, account_id, "signed_in" if known else "new_device", request, device=browser)
    if not known and not first:
        await _tell(connection, account_id, request, browser)
        response.background = BackgroundTask(_wake, site)
    return response


async def _tell(connection: Connection, account_id: UUID, request: Request, browser: str) -> None:
    """The letter about a new device, with a link by which it is ended, and all else that is signed in."""
    site = site_of(request)
    row = await (await connection.execute(_sql["by_id"], {"account_id": account_id})).fetchone()
    assert row is not None  # who is signed in is there
    email, _, zone, locale = row
    link = f"{site.public_url}/not-me/{await links.make(connection, account_id, 'not_me')}"
    address = shortened(request.client.host if request.client else "")
    moment = formats.moment(site.clock(), locale, zone, "long")
    await mail.queue(connection, email, letters.new_device(locale, moment, browser, address, link))


async def _wake(site: Site) -> None:
    site.mail.wake()
