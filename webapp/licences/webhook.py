"""Takes notices of payment from the provider: checked, written down once, and the invoice paid by the first of them."""

from __future__ import annotations

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from schemas.statements import load
from webapp import forms
from webapp.database import Connection
from webapp.licences.provider import NoticeUnreadable, Payment, Provider, SignatureRefused, StandardWebhooks
from webapp.site import site_of

log = structlog.get_logger(__name__)

MAX_BYTES = 64 * 1024
_sql = load("webapp.licences", "licences.sql")


async def notice(request: Request) -> Response:
    """200 with the outcome once the notice is written down, also for one that paid nothing: an operator sees to it."""
    site = site_of(request)
    if not site.payment_secret:
        raise HTTPException(404)
    provider: Provider = StandardWebhooks(site.payment_secret)
    body = await forms.bounded_body(request, MAX_BYTES)
    try:
        payment = provider.payment(request.headers, body, site.clock())
    except SignatureRefused:
        return JSONResponse({"error": "signature_refused"}, 401)
    except NoticeUnreadable as exc:
        return JSONResponse({"error": "invalid", "detail": str(exc)}, 422)
    async with site.database.writing() as connection:
        outcome = await settle(connection, provider.name, payment)
    log.info("payment notice", invoice=payment.number, outcome=outcome)
    return JSONResponse({"outcome": outcome})


async def settle(connection: Connection, provider: str, payment: Payment) -> str:
    """Pays the invoice and writes the notice down; a notice seen before changes nothing and gives its first outcome."""
    parameters = {
        "provider": provider,
        "notice_id": payment.notice_id,
        "number": payment.number,
        "amount": payment.amount,
        "currency": payment.currency,
    }
    notice_row = await (await connection.execute(_sql["notice"], parameters)).fetchone()
    if notice_row is None:
        paid = await (await connection.execute(_sql["pay"], parameters)).fetchone()
        assert paid is not None  # a function always gives its row
        await connection.execute(_sql["keep_notice"], {**parameters, "outcome": paid[0]})
        # Of two copies at once the second waited for the first at the invoice; what the first found counts.
        notice_row = await (await connection.execute(_sql["notice"], parameters)).fetchone()
        assert notice_row is not None
    outcome: str = notice_row[0]
    return outcome
