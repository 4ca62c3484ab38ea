"""The event that takes the place of a refused one."""

from __future__ import annotations

from datetime import datetime

import msgspec
from msgspec import Struct

from schemas.amounts import At
from schemas.private import scrubbed
from schemas.uploads import EARLIEST, LATEST

_LONGEST_REASON = 400  # it has to fit a slot of the spool, whatever its letters are


class _Moment(Struct):
    at: At


def withdrawal(refused: bytes, at: str, reason: str, now: datetime) -> bytes:
    """`event.withdrawn` as JSON, at the refused event's own time, or `now` where it has none that can be taken.

    A gateway's message may quote what it refuses, so the reason is scrubbed like any text.
    """
    try:
        moment = msgspec.json.decode(refused, type=_Moment).at
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        moment = now
    if not EARLIEST <= moment < LATEST:
        moment = now
    text = scrubbed(f"{at}: {reason}" if at else reason).replace("\0", " ")[:_LONGEST_REASON]
    return msgspec.json.encode({"type": "event.withdrawn", "at": moment, "reason": text})
