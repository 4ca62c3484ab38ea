"""From how much on a receipt that does not add up is an alarm: the owner's to say, for his whole account."""

from __future__ import annotations

import re
from decimal import Decimal

from starlette.requests import Request
from starlette.responses import Response

from schemas.statements import load
from webapp import forms
from webapp.accounts import account
from webapp.redirects import redirect
from webapp.session import required
from webapp.site import site_of

_sql = load("webapp.accounts", "accounts.sql")
_AMOUNT = re.compile(r"\d{1,6}(\.\d{1,2})?", re.ASCII)


async def change(request: Request) -> Response:
    """Keeps it; the journal notes it. What is no amount above 0 is told on the page."""
    typed = (await forms.read(request)).text("alarm_from", 20)
    amount = re.sub(r"\s", "", typed).replace(",", ".")
    if not _AMOUNT.fullmatch(amount) or not Decimal(amount):
        return await account.show(request, 422, error="alarm_amount")
    parameters = {"account_id": required(request).account_id, "alarm_from": Decimal(amount)}
    await site_of(request).database.one(_sql["set_alarm"], parameters)
    return redirect("/account?notice=alarm_set")
