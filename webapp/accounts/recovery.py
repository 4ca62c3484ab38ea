"""A forgotten password: a letter with a link, and a new one chosen behind it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms, mail
from webapp.accounts import addresses, letters, limits, links, passwords
from webapp.redirects import redirect
from webapp.rendering import render
from webapp.state import portal_of

_sql = load("webapp.accounts", "accounts.sql")


async def form(request: Request) -> Response:
    return _form_page(request)


async def send_link(request: Request) -> Response:
    """Sends the link where the address has an account; the answer is the same where it has none."""
    portal = portal_of(request)
    typed = (await forms.read(request)).text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return _form_page(request, typed, "email", 422)
    if wait := await limits.attempt(portal.database, limits.LETTER, email, request):
        return _form_page(request, typed, "too_many", 429, wait)
    async with portal.database.writing() as connection:
        account = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if account:
            secret = await links.make(connection, account[0], "reset")
            await mail.queue(connection, email, letters.reset(account[2], f"{portal.public_url}/reset/{secret}"))
    portal.mail.wake()
    return redirect("/forgotten/sent")


async def link_sent(request: Request) -> Response:
    return render(request, "accounts/sent.html", {"what": "reset"})


async def new_password_form(request: Request) -> Response:
    async with portal_of(request).database.writing() as connection:
        link = await links.find(connection, request.path_params["secret"], "reset")
    return _password_page(request, link.email) if link else links.dead(request)


async def set_new_password(request: Request) -> Response:
    """Sets the password, ends every session and voids every other link: whoever else got in is out."""
    portal = portal_of(request)
    password = (await forms.read(request)).verbatim("password")
    secret = request.path_params["secret"]
    async with portal.database.writing() as connection:
        link = await links.find(connection, secret, "reset")
    if link is None:
        return links.dead(request)
    if weakness := passwords.weakness(password, link.email):
        return _password_page(request, link.email, weakness, 422)
    password_hash = await passwords.hashed(password)
    async with portal.database.writing() as connection:
        link = await links.spend(connection, secret, "reset")
        if link is None:
            return links.dead(request)
        account = {"account_id": link.account_id}
        await connection.execute(_sql["set_password"], {**account, "password_hash": password_hash})
        await connection.execute(_sql["end_sessions"], account)
        await connection.execute(_sql["void_links"], account)
        await mail.queue(
            connection, link.email, letters.password_changed(link.locale, f"{portal.public_url}/forgotten")
        )
    portal.mail.wake()
    return redirect("/sign-in?notice=password_set")


def _form_page(request: Request, email: str = "", error: str = "", status: int = 200, wait: int = 0) -> Response:
    context = {"email": email, "error": error, "wait": wait}
    return render(request, "accounts/forgotten.html", context, status, limits.retry_after(wait))


def _password_page(request: Request, email: str, error: str = "", status: int = 200) -> Response:
    context = {"email": email, "error": error, "shortest": passwords.SHORTEST}
    return render(request, "accounts/new_password.html", context, status)
