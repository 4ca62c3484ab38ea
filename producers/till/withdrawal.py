"""The event that takes the place of a refused one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

from schemas.limits import EARLIEST, LATEST
from schemas.private import scrubbed

_EVENT = re.compile(r"^events\[\d+\]\.?")
_LONGEST_REASON = 400
_FARTHEST = timedelta(hours=15, minutes=59)


def withdrawal(refused: bytes, at: str, reason: str, now: datetime) -> bytes:
    """`event.withdrawn` as JSON, at the refused event's own time, or `now` where it has none that can be taken.

    Of the place only what lies in the event is told: its position in an upload says nothing afterwards.
    A gateway's message may quote what it refuses, so the reason is scrubbed like any text.
    """
    moment = _moment(refused) or now
    if not EARLIEST <= moment < LATEST:
        moment = now
    place = _EVENT.sub("", at)
    text = scrubbed(f"{place}: {reason}" if place else reason).replace("\0", " ")[:_LONGEST_REASON]
    event = {"type": "event.withdrawn", "at": moment.isoformat().replace("+00:00", "Z"), "reason": text}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def _moment(event: bytes) -> datetime | None:
    """An event's own time, with an offset that the gateway takes."""
    try:
        moment = datetime.fromisoformat(json.loads(event)["at"])
        offset = moment.utcoffset()
        if offset is None:
            return None
        unusual = abs(offset) > _FARTHEST or offset % timedelta(minutes=1)
        return moment.astimezone(UTC) if unusual else moment
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError):
        return None
