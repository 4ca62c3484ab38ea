"""The accountant's package: by link to who may download lists, by letter to a member of the account."""

from __future__ import annotations

import asyncio
from datetime import date

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.account import Account
from webapp.account_outlets import Outlet, outlets
from webapp.closings import closings
from webapp.closings.package import package, sql
from webapp.closings.reading import NEEDS
from webapp.closings.recipients import Recipient, recipients
from webapp.computed import missing
from webapp.costs import sees_costs
from webapp.exports import Package
from webapp.exports.answer import answer
from webapp.exports.jobs import DiskFull, FileTooLarge, TooManyFiles
from webapp.formats import day
from webapp.journal import note_alone
from webapp.mail import Letter
from webapp.redirects import redirect
from webapp.session import Session, required
from webapp.site import Site, site_of
from webapp.translation import locale_of, translations

_ATTACHED_BYTES_MAX = 15 * 1024 * 1024
"""A larger file goes by no letter: mail servers refuse it. The letter has the link alone."""


async def download(request: Request) -> Response:
    """`GET /closings/package.zip?month=2026-10`: the month before by default. Raises `HTTPException` 404 for a month
    that is none, 402 where no outlet has a licence."""
    site, session = site_of(request), required(request)
    seen = await closings.closable(site, session)
    text = request.query_params.get("month", "")
    span = closings.month_of(text) if text else closings.month_before(site.clock().date())
    if span is None:
        raise HTTPException(404)
    if not seen:
        raise HTTPException(402)
    if missing(NEEDS, await site.database.lacking()):
        return await closings.show(request, 503, "computing")
    built = package(session.account, seen, *span, locale_of(request), costs=sees_costs())
    return await answer(request, built, "zip")


async def send(request: Request) -> Response:
    """Makes the package as its reader may see it, and queues a letter with it. Nobody gets one who is no member."""
    fields = await forms.read(request)
    site, session = site_of(request), required(request)
    span = closings.month_of(fields.text("month"))
    chosen = [one for one in await recipients(site, session) if str(one.person_id) == fields.text("person")]
    if span is None or not chosen:
        raise HTTPException(404)
    [recipient] = chosen
    account = Account(session.account_id, outlets=recipient.member.outlets, person_id=recipient.person_id)
    seen = [one for one in await outlets(site.database, account) if one.licensed and not one.test]
    if not seen:
        raise HTTPException(402)
    if missing(NEEDS, await site.database.lacking()):
        return await closings.show(request, 503, "computing")
    built = package(account, seen, *span, recipient.locale, costs=recipient.sees_costs)
    try:
        content = await _made(site, built)
    except (TooManyFiles, DiskFull, FileTooLarge):
        return await closings.show(request, 503, "not_made")
    if not await _queue(site, session, recipient, span[0], seen, content):
        return await closings.show(request, 429, "too_many")
    await note_alone(site.database, session.account_id, "exported", request, f"{built.name}: {recipient.email}")
    return redirect("/closings?notice=sent")


async def _made(site: Site, built: Package) -> bytes:
    """The file, "" of one that is larger than a letter may be."""
    job = site.exports.begin(built, "zip")
    try:
        await job.done.wait()
        if job.error is not None:
            raise job.error
        size = job.path.stat().st_size
        return await asyncio.to_thread(job.path.read_bytes) if size <= _ATTACHED_BYTES_MAX else b""
    finally:
        site.exports.drop(job)


async def _queue(
    site: Site, session: Session, recipient: Recipient, first: date, seen: list[Outlet], content: bytes
) -> bool:
    """Whether a letter was queued: not where its reader got many within the hour."""
    now, written = site.clock(), letter(recipient.locale, first, seen, bool(content), site.public_url)
    parameters = {
        "account": session.account_id,
        "person": recipient.person_id,
        "subject": written.subject,
        "body": written.body,
        "now": now,
        "attachment": content or None,
        "attachment_name": f"package-{day(first, 'en', 'yyyy-MM')}.zip" if content else "",
    }
    async with site.database.writing() as connection:
        return await (await connection.execute(sql["queue"], parameters)).fetchone() is not None


def letter(locale: str, first: date, seen: list[Outlet], attached: bool, public_url: str) -> Letter:
    """The letter in its reader's language. Pure."""
    _ = translations(locale).gettext
    month = day(first, locale, "LLLL y")
    said = (
        _("The package is attached: a workbook and CSV files in a zip.")
        if attached
        else _("The package is larger than a letter may be; fetch it there.")
    )
    link = f"{public_url}/closings/package.zip?month={day(first, 'en', 'yyyy-MM')}"
    body = _(
        "%(outlets)s, %(month)s: days, payment methods, tax by rate, returns, receipts, cash and shifts.\n\n"
        "%(said)s\n\n%(link)s\n"
    )
    names = ", ".join(one.name for one in seen[:20])
    return Letter(
        _("Accountant's package, %(month)s") % {"month": month},
        body % {"outlets": names, "month": month, "said": said, "link": link},
    )
