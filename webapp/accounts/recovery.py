"""A forgotten password: a letter with a link, and a new one chosen behind it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms, mail
from webapp.accounts import addresses, devices, letters, limits, links, passwords
from webapp.accounts.afterwards import afterwards
from webapp.accounts.sent import LetterSent
from webapp.context import Context
from webapp.journal import note
from webapp.page import ANYBODY, Page, Visit
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.site import Site, site_of
from webapp.translation import N_

_sql = load("webapp.accounts", "accounts.sql")


class Forgotten(Context, frozen=True):
    """`error` is a code of `accounts/errors.html`, `wait` the seconds after which to try again."""

    template = "accounts/forgotten.html"
    title = N_("Forgotten password")

    email: str = ""
    error: str = ""
    wait: int = 0


class NewPassword(Context, frozen=True):
    template = "accounts/new_password.html"
    title = N_("New password")

    email: str
    error: str = ""
    shortest: int = passwords.SHORTEST


async def forgotten(visit: Visit) -> Forgotten:
    return Forgotten()


async def send_link(request: Request) -> Response:
    """Sends the link where the address has an account; the answer is the same where it has none."""
    site = site_of(request)
    typed = (await forms.read(request)).text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return render(request, Forgotten(email=typed, error="email"), 422)
    if wait := await limits.attempt(site.database, limits.LETTER, email, request):
        context = Forgotten(email=typed, error="too_many", wait=wait)
        return render(request, context, 429, limits.retry_after(wait))
    response = redirect("/forgotten/sent")
    response.background = afterwards(_send_letter, site, email)
    return response


async def _send_letter(site: Site, email: str) -> None:
    async with site.database.writing() as connection:
        account = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if account:
            secret = await links.make(connection, account[0], "reset")
            await mail.queue(connection, email, letters.reset(account[2], f"{site.public_url}/reset/{secret}"))
    site.mail.wake()


async def link_sent(visit: Visit) -> LetterSent:
    return LetterSent(what="reset")


async def new_password_form(visit: Visit) -> NewPassword | Response:
    async with site_of(visit.request).database.writing() as connection:
        link = await links.find(connection, visit.request.path_params["secret"], "reset")
    return NewPassword(email=link.email) if link else links.dead(visit.request)


async def set_new_password(request: Request) -> Response:
    """Sets the password, ends every session, token and other link: whoever else got in is out."""
    site = site_of(request)
    password = (await forms.read(request)).verbatim("password")
    secret = request.path_params["secret"]
    async with site.database.writing() as connection:
        link = await links.find(connection, secret, "reset")
    if link is None:
        return links.dead(request)
    if weakness := passwords.weakness(password, link.email):
        return render(request, NewPassword(email=link.email, error=weakness), 422)
    password_hash = await passwords.hashed(password)
    async with site.database.writing() as connection:
        link = await links.spend(connection, secret, "reset")
        if link is None:
            return links.dead(request)
        account = {"account_id": link.account_id}
        await connection.execute(_sql["set_password"], {**account, "password_hash": password_hash})
        await connection.execute(_sql["end_sessions"], account)
        await connection.execute(_sql["revoke_owner_tokens"], account)
        await devices.forget(connection, link.account_id)
        await note(connection, link.account_id, "password_reset", request)
        await connection.execute(_sql["void_links"], account)
        await mail.queue(connection, link.email, letters.password_changed(link.locale, f"{site.public_url}/forgotten"))
    site.mail.wake()
    return redirect("/sign-in?notice=password_set")


FORGOTTEN = Page(path="/forgotten", action="anybody", gate=ANYBODY, load=forgotten)
SENT = Page(path="/forgotten/sent", action="anybody", gate=ANYBODY, load=link_sent)
NEW_PASSWORD = Page(path="/reset/{secret}", action="anybody", gate=ANYBODY, load=new_password_form)
