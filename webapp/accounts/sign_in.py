"""Signing in, by password or by a one-time link, and out."""

from __future__ import annotations

from datetime import timedelta

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms, mail
from webapp.accounts import addresses, letters, limits, links, passwords, sessions
from webapp.accounts.arrival import admit
from webapp.redirects import HOME, local, redirect
from webapp.rendering import render
from webapp.session import current
from webapp.state import portal_of

# A link that no mail program has seen before its owner (`make demo` prints it): opening it is enough.
AT_ONCE = "at once"

_sql = load("webapp.accounts", "accounts.sql")


async def form(request: Request) -> Response:
    target = local(request.query_params.get("next", HOME))
    if current(request):
        return redirect(target)
    return _page(request, target=target, notice=request.query_params.get("notice", ""))


async def sign_in(request: Request) -> Response:
    database = portal_of(request).database
    sent = await forms.read(request)
    typed, target = sent.text("email", 254), local(sent.text("next", 2000) or HOME)
    email = addresses.email(typed) or typed.lower()
    if wait := await limits.attempt(database, limits.SIGN_IN, email, request):
        return _page(request, typed, target, "too_many", 429, wait)
    account = await database.one(_sql["by_email"], {"email": email})
    stored = account[1] if account else None
    verified = await passwords.verify(stored, sent.verbatim("password"))
    if account is None or not verified.right:
        return _page(request, typed, target, "wrong", 422)
    await limits.succeeded(database, limits.SIGN_IN, email)
    renewed = await passwords.hashed(sent.verbatim("password")) if verified.outdated else None
    async with database.writing() as connection:
        if renewed:
            await connection.execute(_sql["set_password"], {"account_id": account[0], "password_hash": renewed})
        return await admit(connection, account[0], request, target)


async def sign_out(request: Request) -> Response:
    portal = portal_of(request)
    async with portal.database.writing() as connection:
        await sessions.end(connection, request, portal.public_url)
    response = redirect("/sign-in?notice=signed_out")
    sessions.put_cookie(response, sessions.cookie_name(portal.public_url), "", timedelta(), portal.public_url)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def link_form(request: Request) -> Response:
    return render(request, "accounts/link.html", {"email": request.query_params.get("email", ""), "error": ""})


async def send_link(request: Request) -> Response:
    """Sends a link to sign in, where the address has an account; the answer is the same where it has none."""
    portal = portal_of(request)
    typed = (await forms.read(request)).text("email", 254)
    email = addresses.email(typed)
    if email is None:
        return render(request, "accounts/link.html", {"email": typed, "error": "email"}, 422)
    if wait := await limits.attempt(portal.database, limits.LETTER, email, request):
        context = {"email": typed, "error": "too_many", "wait": wait}
        return render(request, "accounts/link.html", context, 429, limits.retry_after(wait))
    async with portal.database.writing() as connection:
        account = await (await connection.execute(_sql["by_email"], {"email": email})).fetchone()
        if account:
            secret = await links.make(connection, account[0], "sign_in")
            letter = letters.sign_in(account[2], f"{portal.public_url}/sign-in/{secret}")
            await mail.queue(connection, email, letter)
    portal.mail.wake()
    return redirect("/sign-in/link/sent")


async def link_sent(request: Request) -> Response:
    return render(request, "accounts/sent.html", {"what": "sign_in"})


async def open_link(request: Request) -> Response:
    secret = request.path_params["secret"]
    async with portal_of(request).database.writing() as connection:
        link = await links.find(connection, secret, "sign_in")
        if link is None:
            return redirect(HOME) if current(request) else links.dead(request)
        if link.detail != AT_ONCE or request.method != "GET" or "sec-purpose" in request.headers:
            return render(request, "accounts/use_link.html", {"email": link.email})
    return await use_link(request)


async def use_link(request: Request) -> Response:
    async with portal_of(request).database.writing() as connection:
        link = await links.spend(connection, request.path_params["secret"], "sign_in")
        if link is None:
            return links.dead(request)
        return await admit(connection, link.account_id, request, HOME)


def _page(
    request: Request,
    email: str = "",
    target: str = HOME,
    error: str = "",
    status: int = 200,
    wait: int = 0,
    notice: str = "",
) -> Response:
    context = {"email": email, "target": target, "error": error, "wait": wait, "notice": notice}
    return render(request, "accounts/sign_in.html", context, status, limits.retry_after(wait))
