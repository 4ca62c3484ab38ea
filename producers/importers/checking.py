"""Looks at staged documents as the gateway will, before any is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from uuid import UUID

import msgspec

from producers.importers.documents import BadRow, Event
from producers.importers.stage import Staged
from producers.till.encoding import FRAME_BYTES, encoded_plain
from producers.till.errors import EventUnfit
from producers.till.privacy import minimised
from schemas import uploads
from schemas.errors import Fault, UploadRefused
from schemas.limits import MAX_BYTES, MAX_EVENTS

Say = Callable[[Fault], str]
"""Says in words what is wrong."""

_RUN = UUID(int=0)
_PLACE = re.compile(r"events\[(\d+)\]\.?")
_BATCH_EVENTS = MAX_EVENTS // 2


def checked(documents: Iterator[Staged], say: Say) -> Iterator[tuple[Staged, BadRow | None]]:
    """Each document, with what the gateway would refuse of it."""
    batch: list[Staged] = []
    size = 0
    for staged in documents:
        batch.append(staged)
        size += max(1, len(staged.document.events))
        if size >= _BATCH_EVENTS:
            yield from _checked(batch, say)
            batch, size = [], 0
    yield from _checked(batch, say)


def _checked(batch: Sequence[Staged], say: Say) -> Iterator[tuple[Staged, BadRow | None]]:
    refused: dict[int, BadRow] = {}
    events, owners = list[bytes](), list[int]()
    for position, staged in enumerate(batch):
        for event in staged.document.events:
            try:
                events.append(_encoded(event))
                owners.append(position)
            except EventUnfit as exc:
                refused[position] = _bad(staged, "", str(exc))
    for first in range(0, len(events), MAX_EVENTS):
        body = b'{"run":"%b","first_seq":1,"events":[%b]}' % (
            str(_RUN).encode(),
            b",".join(events[first : first + MAX_EVENTS]),
        )
        for fault in _faults(body):
            match = _PLACE.match(fault.at)
            position = owners[first + int(match[1])] if match else owners[first]
            column = fault.at[match.end() :] if match else fault.at
            refused.setdefault(position, _bad(batch[position], column, say(fault)))
    for position, staged in enumerate(batch):
        yield staged, refused.get(position)


def _encoded(event: Event) -> bytes:
    """What the till client makes of it, made quicker; what has no form is for the till client to tell."""
    try:
        text = msgspec.json.encode(minimised(event))
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return encoded_plain(event)
    return text if len(text) <= MAX_BYTES - FRAME_BYTES else encoded_plain(event)


def _faults(body: bytes) -> Sequence[Fault]:
    try:
        return uploads.check(body).faults
    except UploadRefused as exc:
        return [exc.fault or Fault(exc.at, exc.code)]


def _bad(staged: Staged, column: str, why: str) -> BadRow:
    return BadRow(staged.document.row, column, staged.document.id, "refused", {"why": why})
