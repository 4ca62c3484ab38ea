"""A payment provider, as far as the licences need one: it sends signed notices that an invoice was paid.

Another provider is another class with these two members. Notices are signed as Standard Webhooks are (webhook-id,
webhook-timestamp, webhook-signature): HMAC-SHA256 of `id.timestamp.body` with the shared secret.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Protocol

import msgspec
from msgspec import Meta, Struct

from schemas.errors import WebOfficeError

TOLERANCE_S = 300
"""How far a notice's time may be from ours: an older one may be a copy that somebody kept."""


class SignatureRefused(WebOfficeError):
    """The notice is not signed by the provider, or is too old."""


class NoticeUnreadable(WebOfficeError):
    """The notice is signed but is not one we understand."""


class Payment(Struct, frozen=True):
    """A payment that a provider vouches for. `notice_id` is the same when the notice is sent again."""

    notice_id: str
    number: int
    amount: Decimal
    currency: str


class Provider(Protocol):
    """What a payment provider must be able to do."""

    name: str

    def payment(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Payment:
        """The payment that a notice tells of. Raises `SignatureRefused`, `NoticeUnreadable`."""
        ...


class _Notice(Struct, frozen=True):
    """The body of a notice; further fields are the provider's own business."""

    invoice: Annotated[int, Meta(ge=1, lt=2**62)]
    amount: Annotated[str, Meta(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?(?![\s\S])")]
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?![\s\S])")]


class StandardWebhooks:
    """A provider whose notices are Standard Webhooks: `{"invoice": 1001, "amount": "490.00", "currency": "RUB"}`."""

    name = "webhook"

    def __init__(self, secret: str) -> None:
        self._key = _key(secret)

    def payment(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Payment:
        notice_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not 1 <= len(notice_id) <= 200 or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16):
            raise SignatureRefused
        if abs(now.timestamp() - int(timestamp)) > TOLERANCE_S:
            raise SignatureRefused
        expected = sign(self._key, notice_id, timestamp, body).encode()
        # Several signatures may stand there while a secret is being replaced.
        given = headers.get("webhook-signature", "").split()[:10]
        if not any(hmac.compare_digest(expected, signature.encode()) for signature in given):
            raise SignatureRefused
        try:
            notice = msgspec.json.decode(body, type=_Notice)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
            raise NoticeUnreadable(str(exc)) from exc
        return Payment(notice_id, notice.invoice, Decimal(notice.amount), notice.currency)


def sign(key: bytes, notice_id: str, timestamp: str, body: bytes) -> str:
    """The signature of a notice in the form of the header: `v1,` and base64."""
    content = b".".join((notice_id.encode(), timestamp.encode(), body))
    return "v1," + base64.b64encode(hmac.digest(key, content, sha256)).decode()


def _key(secret: str) -> bytes:
    """The secret's bytes; one that begins with `whsec_` is base64, as Standard Webhooks writes them."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
