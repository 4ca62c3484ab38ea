"""What a till does about an answer of the gateway. Pure: an answer in, a decision out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from schemas.limits import MAX_SEQ

Span = tuple[int, int]
"""The first and the last number."""

_LONGEST_WAIT = 3600.0  # a mistaken Retry-After must not silence a till for days
_EVENT = re.compile(r"events\[(\d+)\]")
_WRONG = {
    400: "the gateway could not read the upload",
    401: "the token is unknown or was revoked",
    402: "the gateway asks for a licence before it takes more",
    403: "the outlet is disabled",
    404: "there is no upload API at this address",
    415: "the gateway does not take this kind of upload",
}


class Accepted(NamedTuple):
    """All of the batch is acknowledged."""


class TryAgain(NamedTuple):
    """The outcome is unknown or the moment is wrong: send the same again, at least `after` seconds from now."""

    why: str
    after: float = 0.0


class Refused(NamedTuple):
    """The gateway refuses the event at `position` of the batch (None: it did not say which)."""

    position: int | None
    at: str
    reason: str


class TooLarge(NamedTuple):
    """The batch has to be cut smaller."""

    reason: str
    by_gateway: bool


class Stop(NamedTuple):
    """No repetition will help."""

    status: int
    message: str


Decision = Accepted | TryAgain | Refused | TooLarge | Stop


def decide(
    status: int, headers: Mapping[str, str], body: bytes, *, first_seq: int, count: int, now: datetime
) -> Decision:
    """What the answer to a batch of `count` events from `first_seq` on means. `headers` with names in lower case."""
    answer = _json(body)
    match status:
        case 202 if answer.get("accepted") == count and answer.get("next_seq") == first_seq + count:
            return Accepted()
        case 422 if isinstance(answer.get("error"), str):
            at = str(answer.get("at") or "")
            found = _EVENT.match(at)
            position = int(found[1]) if found else None
            if position is not None and position >= count or at.startswith(("run", "first_seq")):
                return Stop(status, f"the gateway refuses {at}: {answer.get('detail')}")
            return Refused(position, at, str(answer.get("detail") or answer["error"]))
        case 413:
            return TooLarge(
                str(answer.get("detail") or "the upload is too large"), isinstance(answer.get("error"), str)
            )
        case 408 | 425 | 429:
            return TryAgain(f"answer {status}", retry_after(headers.get("retry-after", ""), now))
        case _ if 400 <= status < 500:
            detail = answer.get("detail")
            message = _WRONG.get(status, "the gateway refuses the upload")
            return Stop(status, f"{message} (answer {status}{f': {detail}' if detail else ''})")
        case _:
            # 5xx, and whatever a network's sign-in page answers in the place of the gateway.
            return TryAgain(f"answer {status}", retry_after(headers.get("retry-after", ""), now))


def known_spans(body: bytes) -> list[Span] | None:
    """The event numbers that the state call says the service has: applied, waiting or set aside. Sorted, the first from
    1 on; None where it is not such an answer."""
    answer = _json(body)
    applied, waiting, set_aside = answer.get("applied_through"), answer.get("waiting"), answer.get("quarantined", [])
    if not isinstance(applied, int) or not isinstance(waiting, list) or not isinstance(set_aside, list):
        return None
    spans = [(1, applied)]
    for span in (*waiting, *set_aside):
        match span:
            case [int(first), int(last)]:
                spans.append((first, last))
            case _:
                return None
    return sorted(spans)


def gaps(known: Sequence[Span]) -> list[Span]:
    """The numbers outside sorted spans, which begin with one from 1 on; what comes after all of them is a gap, too."""
    found, reached = [], 0
    for first, last in known:
        if first > reached + 1:
            found.append((reached + 1, first - 1))
        reached = max(reached, last)
    return [*found, (reached + 1, MAX_SEQ)]


def retry_after(value: str, now: datetime) -> float:
    """Seconds that a Retry-After header asks for, as a number or a date; 0 where it says nothing sensible."""
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT)
    try:
        seconds = (parsedate_to_datetime(value) - now).total_seconds()
    except (TypeError, ValueError, IndexError):  # no date, or one without a zone
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_WAIT)


def _json(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}
