"""What a till sends: the body of `POST /api/v1/uploads`, its limits and its validation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from schemas.amounttexts import BareEvent, sound
from schemas.errors import Fault, UploadRefused
from schemas.faults import faults
from schemas.limits import EARLIEST, LATEST, MAX_BYTES, MAX_EVENTS, MAX_SEQ
from schemas.moments import all_writable, holds, maybe_too_fine, with_moments_cut, writable
from schemas.private import without_private_fields
from schemas.wire import WireEvent


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
    upload = _parse_quickly(body) or _parse_slowly(body)
    _check(upload, body)
    return upload


class Checked(Struct, frozen=True):
    """What a batch would be answered: how many of its events are `valid`, and all that is wrong."""

    valid: int
    faults: list[Fault]


def check(body: bytes) -> Checked:
    """All that is wrong with the upload in `body`. Raises `UploadRefused` where it can't be looked at (400, 413)."""
    upload = _parse_quickly(body)
    if upload and len(upload.events) <= MAX_EVENTS and not any(_broken_rules(upload, body)):
        return Checked(len(upload.events), [])
    document = _document(body)
    found = faults(document, Upload)
    if not found:
        found = list(_broken_rules(msgspec.convert(document, Upload), body))
    events = document.get("events") if isinstance(document, dict) else None
    broken = {fault.at.partition("]")[0] for fault in found if fault.at.startswith("events[")}
    return Checked(max(0, len(events) - len(broken)) if isinstance(events, list) else 0, found)


def _parse_quickly(body: bytes) -> Upload | None:
    try:
        bare = _decoder.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return _upload(bare) if sound(bare.events) and not maybe_too_fine(body, bare.events) else None


def _upload(bare: _BareUpload) -> Upload:
    return Upload(bare.run, bare.first_seq, bare.events)


def _parse_slowly(body: bytes) -> Upload:
    document = _document(body)
    try:
        msgspec.convert(document, Upload)
    except msgspec.ValidationError as exc:
        found = faults(document, Upload)
        if found:
            raise _refused(found[0]) from exc
        detail, at = _place(str(exc))
        raise UploadRefused(422, "invalid", detail, at) from exc
    return _upload(msgspec.convert(document, _BareUpload))


def _document(body: bytes) -> Any:
    """The upload as plain JSON, without private fields, with moments cut."""
    if len(body) > MAX_BYTES:
        raise UploadRefused(413, "too_large", f"an upload is at most {MAX_BYTES} bytes unpacked")
    try:
        document = msgspec.json.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as exc:
        raise UploadRefused(400, "not_json", str(exc)) from exc
    if isinstance(document, dict) and isinstance(document.get("events"), list) and len(document["events"]) > MAX_EVENTS:
        raise UploadRefused(413, "too_many_events", f"an upload holds at most {MAX_EVENTS} events", "events")
    try:
        return with_moments_cut(without_private_fields(document))
    except RecursionError as exc:  # JSON may nest deeper than the walk can go; no upload does
        raise UploadRefused(422, "invalid", "too deeply nested") from exc


def _place(message: str) -> tuple[str, str]:
    """msgspec's message split into what and where: 'Expected `str`, got `int` - at `$.events[0].at`'."""
    found = _AT.search(message)
    return (message[: found.start()], found["at"]) if found else (message, "")


def _check(upload: Upload, body: bytes) -> None:
    if len(upload.events) > MAX_EVENTS:
        raise UploadRefused(413, "too_many_events", f"an upload holds at most {MAX_EVENTS} events", "events")
    for fault in _broken_rules(upload, body):
        raise _refused(fault)


def _refused(fault: Fault) -> UploadRefused:
    values = "".join(f", {name} {value}" for name, value in fault.values.items())
    return UploadRefused(422, "invalid", f"{fault.code}{values}", fault.at, fault=fault)


def _broken_rules(upload: Upload, body: bytes) -> Iterator[Fault]:
    """What an upload of the right types may still break."""
    if not upload.events:
        yield Fault("events", "no_events")
    if upload.first_seq + len(upload.events) - 1 > MAX_SEQ:
        yield Fault("first_seq", "too_large_number", {"most": str(MAX_SEQ - len(upload.events) + 1)})
    offsets_writable = all_writable(upload.events)
    for position, event in enumerate(upload.events):
        # Nearly always the year tells; moments of different offsets take long to compare.
        if not EARLIEST.year < event.at.year < LATEST.year - 1 and not EARLIEST <= event.at < LATEST:
            yield Fault(f"events[{position}].at", "moment_out_of_range", {"from": "1970", "to": "2200"})
        if not offsets_writable and not writable(event.at):
            yield Fault(f"events[{position}].at", "offset_too_great", {"most": "15:59"})
    # PostgreSQL's text can't hold U+0000; in JSON it can only stand as this escape, so one search spares the walk.
    if holds(body, b"\\u0000"):
        yield from _nuls(msgspec.to_builtins(upload.events), "events")


def _nuls(value: Any, at: str) -> Iterator[Fault]:
    match value:
        case str() if "\0" in value:
            yield Fault(at, "holds_nul")
        case list():
            for position, item in enumerate(value):
                yield from _nuls(item, f"{at}[{position}]")
        case dict():
            for key, item in value.items():
                yield from _nuls(item, f"{at}.{key}")
