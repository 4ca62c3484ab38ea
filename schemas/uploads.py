"""What a till sends: the body of `POST /api/v1/uploads`, its limits and its validation."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from schemas.amounttexts import BareEvent, sound
from schemas.errors import UploadRefused
from schemas.moments import maybe_too_fine, with_moments_cut, writable
from schemas.private import without_private_fields
from schemas.wire import WireEvent

MAX_BYTES = 8 * 1024 * 1024
"""Greatest size of an upload, unpacked."""
MAX_EVENTS = 500
MAX_SEQ = 2**53 - 1
"""Greatest event number: exact in every JSON reader."""
# A till's clock may be years off, but a moment at the edge of the calendar has no local day in every zone.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class Upload(Struct, frozen=True, forbid_unknown_fields=True):
    """A validated upload; `events` are in wire form (see `schemas.wire`, `schemas.amounttexts`)."""

    run: UUID
    first_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    events: list[WireEvent]


class _BareUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """The same, as far as it is checked while it is decoded: its amounts are any text."""

    run: UUID
    first_seq: Annotated[int, Meta(ge=1, le=MAX_SEQ)]
    events: list[BareEvent]


_decoder = msgspec.json.Decoder(_BareUpload)
_AT = re.compile(r" - at `\$\.?(?P<at>.*)`$")


def parse(body: bytes) -> Upload:
    """The upload in `body` (plain JSON bytes). Raises `UploadRefused` with the status, code and place.

    The quick way decodes straight into the typed form and looks at all amounts together; an unknown field, which may
    be one of those to be dropped, and any fault take the slow way through plain JSON.
    """
    if len(body) > MAX_BYTES:
        raise UploadRefused(413, "too_large", f"an upload is at most {MAX_BYTES} bytes unpacked")
    upload = (None if maybe_too_fine(body) else _parse_quickly(body)) or _parse_slowly(body)
    _check(upload, body)
    return upload


def _parse_quickly(body: bytes) -> Upload | None:
    try:
        bare = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return _upload(bare) if sound(bare.events) else None


def _upload(bare: _BareUpload) -> Upload:
    return Upload(bare.run, bare.first_seq, bare.events)


def _parse_slowly(body: bytes) -> Upload:
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise UploadRefused(400, "not_json", str(exc)) from exc
    if isinstance(document, dict) and isinstance(document.get("events"), list) and len(document["events"]) > MAX_EVENTS:
        raise UploadRefused(413, "too_many_events", f"an upload holds at most {MAX_EVENTS} events", "events")
    try:
        document = with_moments_cut(without_private_fields(document))
    except RecursionError as exc:  # JSON may nest deeper than the walk can go; no upload does
        raise UploadRefused(422, "invalid", "too deeply nested") from exc
    try:
        msgspec.convert(document, Upload)
    except msgspec.ValidationError as exc:
        detail, at = _place(str(exc))
        raise UploadRefused(422, "invalid", detail, at) from exc
    return _upload(msgspec.convert(document, _BareUpload))


def _place(message: str) -> tuple[str, str]:
    """msgspec's message split into what and where: 'Expected `str`, got `int` - at `$.events[0].at`'."""
    found = _AT.search(message)
    return (message[: found.start()], found["at"]) if found else (message, "")


def _check(upload: Upload, body: bytes) -> None:
    if not upload.events:
        raise UploadRefused(422, "invalid", "an upload holds at least one event", "events")
    if len(upload.events) > MAX_EVENTS:
        raise UploadRefused(413, "too_many_events", f"an upload holds at most {MAX_EVENTS} events", "events")
    if upload.first_seq + len(upload.events) - 1 > MAX_SEQ:
        raise UploadRefused(422, "invalid", f"event numbers end at {MAX_SEQ}", "first_seq")
    for position, event in enumerate(upload.events):
        # Nearly always the year tells; moments of different offsets take long to compare.
        if not EARLIEST.year < event.at.year < LATEST.year - 1 and not EARLIEST <= event.at < LATEST:
            raise UploadRefused(422, "invalid", "a moment between 1970 and 2200 is expected", f"events[{position}].at")
        if not writable(event.at):
            raise UploadRefused(422, "invalid", "an offset within ±15:59 is expected", f"events[{position}].at")
    # PostgreSQL's text can't hold U+0000; in JSON it can only stand as this escape, so one search spares the walk.
    if b"\\u0000" in body:
        _refuse_nul(msgspec.to_builtins(upload.events), "events")


def _refuse_nul(value: Any, at: str) -> None:
    match value:
        case str() if "\0" in value:
            raise UploadRefused(422, "invalid", "a text must not hold U+0000", at)
        case list():
            for position, item in enumerate(value):
                _refuse_nul(item, f"{at}[{position}]")
        case dict():
            for key, item in value.items():
                _refuse_nul(item, f"{at}.{key}")
