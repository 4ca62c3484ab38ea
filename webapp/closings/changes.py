"""Closing a month, and opening it again."""

from __future__ import annotations

import asyncio
from datetime import UTC
from uuid import UUID, uuid4

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from webapp import forms
from webapp.closings import card, closings, document
from webapp.closings.document import Closing
from webapp.closings.pdf import pdf
from webapp.closings.reading import NEEDS, Month, ledger_of, month, sql
from webapp.completeness.logends import caught_up
from webapp.computed import missing
from webapp.database import Connection
from webapp.redirects import redirect
from webapp.session import required
from webapp.signing import SigningKeys
from webapp.site import site_of

_PIECE_ROWS = 5000


async def close(request: Request) -> Response:
    """Freezes a month as it stands in one snapshot. Refused while events wait or are missing, unless the owner says
    that he knows; then what is signed says so."""
    fields = await forms.read(request)
    site, session = site_of(request), required(request)
    choice = {str(outlet.outlet_id): outlet for outlet in await closings.closable(site, session)}
    outlet, span = choice.get(fields.text("outlet")), closings.month_of(fields.text("month"))
    if outlet is None:
        raise HTTPException(404)
    if span is None or span[1] >= outlet.day(site.clock()):
        return await closings.show(request, 422, "not_over", outlet.outlet_id)
    first, last = span
    if missing(NEEDS, await site.database.lacking()):
        return await closings.show(request, 503, "computing", outlet.outlet_id, first)
    of_month = {"outlet": outlet.outlet_id, "first": first}
    async with site.database.asking() as connection:
        if await _one(connection, "standing", of_month) is not None:
            return await closings.show(request, 409, "closed", outlet.outlet_id, first)
        replaces = await _one(connection, "reopened", of_month)
    account = session.account
    async with caught_up(site.log_ends, lambda: site.database.reading(account), [outlet.outlet_id]) as snapshot:
        read = await month(snapshot, outlet, first, last)
    in_log = read.ledger.behind or site.standstill_of(str(outlet.outlet_id)) is not None
    troubled = read.ledger.troubled or in_log
    ledger = ledger_of(read.ledger, in_log, knowingly=troubled)
    if troubled and fields.text("knowingly") != "1":
        return await closings.show(request, 409, "incomplete", outlet.outlet_id, first, ledger)
    closing = Closing(
        closing_id=uuid4(),
        outlet=read.outlet,
        first=first,
        last=last,
        closed_at=site.clock().astimezone(UTC).replace(microsecond=0),
        replaces=replaces,
        generation=read.generation,
        log=read.log,
        days=read.figures.days,
        payments=read.figures.payments,
        taxes=read.figures.taxes,
        shifts=read.figures.shifts,
        ledger=ledger,
        certificates=read.certificates,
        documents=read.digest,
    )
    files = await asyncio.to_thread(_files, closing, site.signing_keys)
    async with site.database.writing() as connection:
        kept = await _keep(connection, closing, files, read, session.account_id, session.person_id)
    if not kept:
        return await closings.show(request, 409, "closed", outlet.outlet_id, first)
    return redirect(f"/closings/{closing.closing_id}?notice=closed")


def _files(closing: Closing, keys: SigningKeys) -> tuple[bytes, bytes, bytes]:
    """In JSON, and as PDF in Russian and English. Takes a second or two."""
    signed = document.signed(closing, keys)
    sha256 = document.digest(signed)
    russian, english = (document.signed_pdf(pdf(closing, sha256, keys.id, locale), keys) for locale in ("ru", "en"))
    return signed, russian, english


async def _keep(
    connection: Connection,
    closing: Closing,
    files: tuple[bytes, bytes, bytes],
    read: Month,
    account_id: UUID,
    person_id: UUID,
) -> bool:
    """Whether it is kept: not where the outlet is gone, or somebody else closed or reopened the month meanwhile."""
    of_month = {"outlet": closing.outlet.outlet_id, "first": closing.first}
    of_account = of_month | {"account": account_id}
    if await (await connection.execute(sql["lock_outlet"], of_account)).fetchone() is None:
        return False
    if await _one(connection, "standing", of_month) or await _one(connection, "reopened", of_month) != closing.replaces:
        return False
    signed, russian, english = files
    parameters = of_account | {
        "closing": closing.closing_id,
        "last": closing.last,
        "closed_at": closing.closed_at,
        "person": person_id,
        "knowingly": closing.ledger.knowingly,
        "signed": signed,
        "pdf_ru": russian,
        "pdf_en": english,
    }
    await connection.execute(sql["add"], parameters)
    key = {"closing": closing.closing_id, "outlet": closing.outlet.outlet_id}
    for at in range(0, len(read.documents), _PIECE_ROWS):
        rows = msgspec.json.encode(read.documents[at : at + _PIECE_ROWS]).decode()
        await connection.execute(sql["copy_documents"], key | {"rows": rows})
    return True


async def reopen(request: Request) -> Response:
    """Opens a month again, for a reason that stands in the journal; what was signed stays."""
    fields = await forms.read(request)
    session = required(request)
    row = await card.row_of(request)
    because = fields.text("because", 300)
    if not because:
        return await card.show(request, 422, "because")
    parameters = {
        "closing": row.closing_id,
        "account": session.account_id,
        "person": session.person_id,
        "because": because,
        "at": site_of(request).clock(),
    }
    async with site_of(request).database.writing() as connection:
        if await (await connection.execute(sql["reopen"], parameters)).fetchone() is None:
            raise HTTPException(404)
    return redirect(f"/closings/{row.closing_id}?notice=reopened")


async def _one(connection: Connection, statement: str, parameters: dict[str, object]) -> UUID | None:
    row = await (await connection.execute(sql[statement], parameters)).fetchone()
    return row[0] if row else None
