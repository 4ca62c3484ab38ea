"""A closing as it is signed: what stands in it, how it is written, how it is checked. Pure.

The JSON file has one form alone: whatever differs from it by a byte is not what was signed. The PDF is signed as it is;
its signature stands behind its end, where readers of PDF look at nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Literal
from uuid import UUID

import msgspec
from msgspec import Struct

from schemas.errors import Refused
from webapp.signing import PublicKey, SigningKeys

_JSON, _PDF = b"weboffice closing 1, json\n", b"weboffice closing 1, pdf\n"
"""What is signed begins so: no signature of one thing is good for another."""
_TRAILER = re.compile(rb"\n%weboffice-closing-1 key=([0-9a-f]{16}) signature=([A-Za-z0-9+/=]{88})\n\Z")


class NotGenuine(Refused):
    """A file is not what this installation signed."""


class OutletOf(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose month it is, as its name and settings were."""

    outlet_id: UUID
    name: str
    zone: str
    day_begins: int
    currency: str


class Place(Struct, frozen=True, forbid_unknown_fields=True):
    """How far a partition of the log had been applied: the first offset that was not."""

    partition: int
    next_offset: int


class Day(Struct, frozen=True, forbid_unknown_fields=True):
    """A day's figures, as the read API's `daily` says them, without costs."""

    day: date
    sales: int
    revenue: Decimal
    goods_sum: Decimal
    discount_sum: Decimal
    returns: int
    returns_sum: Decimal
    voided: int
    tax_sum: Decimal
    advances_sum: Decimal
    tips_sum: Decimal
    debts_sum: Decimal
    reconciles: bool


class Method(Struct, frozen=True, forbid_unknown_fields=True):
    day: date
    method: str
    amount: Decimal
    count: int


class Tax(Struct, frozen=True, forbid_unknown_fields=True):
    day: date
    rate: str
    base_sum: Decimal
    tax_sum: Decimal


class Shift(Struct, frozen=True, forbid_unknown_fields=True):
    """A shift without its cashier's name."""

    day: date
    shift_id: str
    till_id: UUID
    number: str | None
    opened_at: datetime | None
    closed_at: datetime | None
    sales: int
    revenue: Decimal
    returns_sum: Decimal
    cash_expected: Decimal | None
    cash_counted: Decimal | None
    difference: Decimal | None
    matches_totals: bool | None


class Hole(Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers of a till's events that had not come."""

    till: str
    till_id: UUID
    run: UUID
    first: int
    last: int

    @property
    def count(self) -> int:
        return self.last - self.first + 1


class LedgerOf(Struct, frozen=True, forbid_unknown_fields=True):
    """What had become of every event that the outlet's tills sent: read = applied + duplicate + waiting + quarantined +
    discarded. `in_log`: the log may have held some that stood in no figure. `knowingly`: the owner closed the month all
    the same."""

    read: int
    applied: int
    duplicate: int
    waiting: int
    quarantined: int
    discarded: int
    refused: int
    given_up: bool
    missing: list[Hole]
    in_log: bool
    knowingly: bool


class Certificate(Struct, frozen=True, forbid_unknown_fields=True):
    """The checksum over a day's rows of a read model, as certificates of kept reports have it."""

    projection: str
    day: date
    rows: int
    checksum: str


class Documents(Struct, frozen=True, forbid_unknown_fields=True):
    """The month's documents that were copied: how many, and the SHA-256 over their rows."""

    rows: int
    sha256: str


class Closing(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A month as it was closed. `replaces` is the closing that was reopened before it."""

    format: Literal["weboffice-closing-1"] = "weboffice-closing-1"
    closing_id: UUID
    outlet: OutletOf
    first: date
    last: date
    closed_at: datetime
    replaces: UUID | None
    generation: int
    log: list[Place]
    days: list[Day]
    payments: list[Method]
    taxes: list[Tax]
    shifts: list[Shift]
    ledger: LedgerOf
    certificates: list[Certificate]
    documents: Documents

    def sum(self, what: str) -> Decimal:
        """Of a figure of the days."""
        return sum((Decimal(getattr(day, what)) for day in self.days), Decimal(0))


class _Signed(Struct, frozen=True, forbid_unknown_fields=True):
    closing: Closing
    key: str
    signature: str


def signed(closing: Closing, keys: SigningKeys) -> bytes:
    """The file in JSON."""
    return _written(_Signed(closing, keys.id, keys.sign(_JSON + msgspec.json.encode(closing))))


def _written(file: _Signed) -> bytes:
    return msgspec.json.format(msgspec.json.encode(file), indent=2) + b"\n"


def signed_pdf(pdf: bytes, keys: SigningKeys) -> bytes:
    """The PDF with its signature behind it."""
    return pdf + f"\n%weboffice-closing-1 key={keys.id} signature={keys.sign(_PDF + pdf)}\n".encode()


def check(content: bytes, keys: Sequence[PublicKey]) -> Closing | None:
    """What a file says: the closing of one in JSON, None of a PDF. Raises `NotGenuine` with the reason."""
    if content.startswith(b"%PDF-"):
        _check_pdf(content, keys)
        return None
    try:
        file = msgspec.json.decode(content, type=_Signed)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise NotGenuine(f"the file is no closing, or was altered: {exc}") from exc
    if _written(file) != content:
        raise NotGenuine("the file was altered: it is not written as it was signed")
    _check_signature(file.key, file.signature, _JSON + msgspec.json.encode(file.closing), keys)
    return file.closing


def _check_pdf(content: bytes, keys: Sequence[PublicKey]) -> None:
    trailer = _TRAILER.search(content)
    if trailer is None:
        raise NotGenuine("the PDF has no signature at its end: it is no closing, or was altered")
    key, signature = (part.decode() for part in trailer.groups())
    _check_signature(key, signature, _PDF + content[: trailer.start()], keys)


def _check_signature(key: str, signature: str, content: bytes, keys: Sequence[PublicKey]) -> None:
    ours = [one for one in keys if one.id == key]
    if not ours:
        known = ", ".join(one.id for one in keys)
        raise NotGenuine(f"the file was signed by another key ({key}), not by the one given ({known})")
    if not ours[0].signed(content, signature):
        raise NotGenuine("the file was altered: its signature is not that of what it says")


def decode(content: bytes) -> Closing:
    """What a file of ours says, whose signature nobody looks at."""
    return msgspec.json.decode(content, type=_Signed).closing


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def key_of(content: bytes) -> str:
    """The id of the key that signed a file of ours."""
    return msgspec.json.decode(content, type=_Signed).key
