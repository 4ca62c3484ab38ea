"""The API's JSON: money with 2 places, quantities plain, moments RFC 3339 in the outlet's zone, errors as documents."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import overload
from zoneinfo import ZoneInfo

import msgspec
from starlette.responses import Response

from schemas.errors import WebOfficeError
from webapp.readapi.resource import Answer
from webapp.readapi.shapes import Failure


class Refused(WebOfficeError):
    """The call is not answered: `status` is the HTTP status, `error` a stable word, `detail` a sentence for people."""

    def __init__(self, status: int, error: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {error}: {detail}")
        self.status = status
        self.error = error
        self.detail = detail
        self.headers = dict(headers or {})


def not_found(what: str) -> Refused:
    return Refused(404, "not_found", f"There is no such {what}.")


@overload
def money(amount: Decimal) -> str: ...
@overload
def money(amount: None) -> None: ...
def money(amount: Decimal | None) -> str | None:
    """Exactly 2 places; a zero has no sign. None for what is not known."""
    if amount is None:
        return None
    return f"{amount:.2f}" if amount else "0.00"


@overload
def price(amount: Decimal) -> str: ...
@overload
def price(amount: None) -> None: ...
def price(amount: Decimal | None) -> str | None:
    """At least 2 places, more where it has them; None for a price that nobody named."""
    if amount is None:
        return None
    return f"{amount:.2f}" if amount == round(amount, 2) else quantity(amount)


def quantity(amount: Decimal) -> str:
    """Plain, without exponent and needless zeros: `Decimal('1E+2')` is "100", `Decimal('1.500')` is "1.5"."""
    text = f"{amount:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def moment(at: datetime, zone: str) -> str:
    """RFC 3339 by the outlet's clock."""
    return at.astimezone(ZoneInfo(zone)).isoformat()


def answer(document: Answer) -> Response:
    return _json(document, 200, {})


def refusal(refused: Refused) -> Response:
    return _json(Failure(refused.error, refused.detail), refused.status, refused.headers)


def _json(document: Answer, status: int, headers: Mapping[str, str]) -> Response:
    return Response(
        msgspec.json.encode(document),
        status,
        {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **headers},
        media_type="application/json",
    )
