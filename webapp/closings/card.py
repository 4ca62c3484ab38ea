"""One closed month: what was signed, its files, what came after; its reopening."""

from __future__ import annotations

from typing import Literal

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import formats
from webapp.closings import closings, document
from webapp.closings.closings import Row
from webapp.closings.document import Closing
from webapp.closings.later import Later, later
from webapp.closings.reading import NEEDS, sql
from webapp.computed import missing
from webapp.context import Context
from webapp.journal import note_alone
from webapp.page import OWNER, Page, Visit
from webapp.rendering import render
from webapp.session import required
from webapp.site import site_of
from webapp.translation import locale_of


class Card(Context, frozen=True):
    """`later` is None where it is not looked at: the month is open again or its outlet removed (`looked` says no), or
    its figures are being computed. `error` is what the form could not do."""

    template = "closings/card.html"

    row: Row
    closing: Closing
    later: Later | None
    looked: bool
    key: str
    notice: str
    error: str


async def page(visit: Visit) -> Card:
    return await _card(visit.request, notice=visit.request.query_params.get("notice", ""))


async def show(request: Request, status: int, error: str) -> Response:
    """The card, with what its form could not do."""
    return render(request, await _card(request, error=error), status)


async def _card(request: Request, *, notice: str = "", error: str = "") -> Card:
    row = await row_of(request)
    content = await _content(request, "signed")
    closing = document.decode(content)
    site, session = site_of(request), required(request)
    looked = row.reopened_at is None and not row.removed
    found = None
    if looked and not missing(NEEDS, await site.database.lacking()):
        async with site.database.reading(session.account) as connection:
            found = await later(connection, closing)
    return Card(
        row=row,
        closing=closing,
        later=found,
        looked=looked,
        key=document.key_of(content),
        notice=notice,
        error=error,
    )


async def row_of(request: Request) -> Row:
    """The closing that the path names. Raises `HTTPException` 404 where the reader may not know of it, 402 where the
    outlet's licence is over; what was closed of an outlet that is removed since stays to be had."""
    found = await closings.rows(site_of(request), required(request), request.path_params["closing_id"])
    if not found:
        raise HTTPException(404)
    if not (found[0].licensed or found[0].removed):
        raise HTTPException(402)
    return found[0]


async def json_file(request: Request) -> Response:
    """`GET /closings/{closing_id}/closing.json`: the file as it was signed."""
    return await _file(request, "signed", "json")


async def pdf_file(request: Request) -> Response:
    """`GET /closings/{closing_id}/closing.pdf`: the PDF as it was signed, in the reader's language."""
    return await _file(request, "pdf_ru" if locale_of(request) == "ru" else "pdf_en", "pdf")


async def key_file(request: Request) -> Response:
    """`GET /closing-key.pem`: the public keys, that of today first."""
    pem = "".join(key.pem for key in site_of(request).signing_keys.public)
    headers = {"Content-Disposition": 'attachment; filename="closing-key.pem"', "Cache-Control": "no-store"}
    return Response(pem, media_type="application/x-pem-file", headers=headers)


_Column = Literal["signed", "pdf_ru", "pdf_en"]


async def _file(request: Request, column: _Column, form: str) -> Response:
    row = await row_of(request)
    content = await _content(request, column)
    name = f"closing-{formats.day(row.first, 'en', 'yyyy-MM')}-{str(row.closing_id)[:8]}.{form}"
    await note_alone(site_of(request).database, required(request).account_id, "exported", request, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=f"application/{form}", headers=headers)


async def _content(request: Request, column: _Column) -> bytes:
    key = {"closing": request.path_params["closing_id"], "account": required(request).account_id}
    found = await site_of(request).database.one(sql["file"], key)
    if found is None:
        raise HTTPException(404)
    return bytes(found[("signed", "pdf_ru", "pdf_en").index(column)])


PAGE = Page(path="/closings/{closing_id:uuid}", action="figures", gate=OWNER, load=page)
