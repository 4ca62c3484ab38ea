"""What a till program did wrong, by what it was seen to send. Pure.

A number's content is fixed by the first upload whose outcome the till can't know to be 'refused'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

Outcome = Literal["acknowledged", "unknown", "later", "refused", "revoked"]
"""What the till could know after its answer: 202; nothing; a 429 or 503; a 4xx about the content; 401."""

_TOLERANCE_S = 0.05
_HAMMERING = (10, 1.0)  # so many uploads without success in so many seconds
_REVOKED_MAX, _REFUSED_MAX = 4, 3


class Upload(Struct, frozen=True):
    """An upload as it was seen; `at` in seconds, `events` in one form (`network.canonical`)."""

    at: float
    start: int
    run: str
    first_seq: int
    events: list[bytes]
    outcome: Outcome
    retry_after: float = 0.0
    refused: bytes | None = None

    def numbered(self) -> Iterator[tuple[tuple[str, int], bytes]]:
        return (((self.run, seq), event) for seq, event in enumerate(self.events, self.first_seq))


class StateAsked(Struct, frozen=True):
    at: float
    start: int


class BadForm(Struct, frozen=True):
    """A request that breaks the rules by itself."""

    at: float
    start: int
    code: Literal["no_token", "breaks_the_contract"]
    detail: str


Exchange = Upload | StateAsked | BadForm


class Fault(Struct, frozen=True):
    """What was done wrong: a code of `cases.json`, and where it was seen."""

    code: str
    detail: str


def faults(
    log: Sequence[Exchange], kept: Collection[tuple[str, int]], lost: Collection[tuple[str, int]]
) -> list[Fault]:
    """What was wrong in a case. `kept` are the (run, number) that the service has at its end, `lost` those that it
    lost meanwhile."""
    uploads = [exchange for exchange in log if isinstance(exchange, Upload)]
    if not uploads:
        return [Fault("nothing_sent", "")]
    found = [
        *(Fault(exchange.code, exchange.detail) for exchange in log if isinstance(exchange, BadForm)),
        *(list(_other_content(uploads)) or _under_two_numbers(uploads)),
        *_not_sent_again(uploads),
        *_holes(kept, lost),
        *_too_early(uploads),
        *_hammers(uploads),
        *_refused_again(uploads),
        *_state_not_asked(log),
    ]
    return list({fault.code: fault for fault in reversed(found)}.values())[::-1]


def _other_content(uploads: Iterable[Upload]) -> Iterator[Fault]:
    fixed: dict[tuple[str, int], bytes] = {}
    for upload in uploads:
        if upload.outcome in ("refused", "revoked"):
            continue
        for place, event in upload.numbered():
            if fixed.setdefault(place, event) != event:
                yield Fault("other_content", _spans([place]))


def _under_two_numbers(uploads: Iterable[Upload]) -> Iterator[Fault]:
    places: dict[tuple[str, bytes], int] = {}
    for upload in uploads:
        if upload.outcome in ("refused", "revoked"):
            continue
        for (run, seq), event in upload.numbered():
            first = places.setdefault((run, event), seq)
            if first != seq and b"event.withdrawn" not in event:
                yield Fault("under_two_numbers", f"{first}, {seq}")


def _not_sent_again(uploads: Sequence[Upload]) -> Iterator[Fault]:
    tried = {place for upload in uploads if upload.outcome in ("unknown", "later") for place, _ in upload.numbered()}
    taken = {place for upload in uploads if upload.outcome == "acknowledged" for place, _ in upload.numbered()}
    if tried - taken:
        yield Fault("not_sent_again", _spans(tried - taken))


def _holes(kept: Collection[tuple[str, int]], lost: Collection[tuple[str, int]]) -> Iterator[Fault]:
    gone = {place for place in lost if place not in kept}
    if gone:
        yield Fault("loss_not_mended", _spans(gone))
    last: Counter[str] = Counter()
    for run, seq in kept:
        last[run] = max(last[run], seq)
    holes = {(run, seq) for run, through in last.items() for seq in range(1, through)} - set(kept) - gone
    if holes:
        yield Fault("hole_left", _spans(holes))


def _too_early(uploads: Sequence[Upload]) -> Iterator[Fault]:
    for upload, following in zip(uploads, uploads[1:], strict=False):
        waited = following.at - upload.at
        if upload.start == following.start and waited < upload.retry_after - _TOLERANCE_S:
            yield Fault("too_early", f"{waited:.1f} s < Retry-After: {upload.retry_after:g}")


def _hammers(uploads: Sequence[Upload]) -> Iterator[Fault]:
    failed = [upload for upload in uploads if upload.outcome != "acknowledged"]
    most, seconds = _HAMMERING
    for upload, later in zip(failed, failed[most:], strict=False):
        if later.at - upload.at < seconds:
            yield Fault("hammers", f"{most + 1} / {later.at - upload.at:.2f} s")
            return
    revoked = Counter(upload.start for upload in failed if upload.outcome == "revoked")
    for count in revoked.values():
        if count > _REVOKED_MAX:
            yield Fault("hammers", f"401 × {count}")


def _refused_again(uploads: Iterable[Upload]) -> Iterator[Fault]:
    times = Counter(upload.refused for upload in uploads if upload.refused)
    for count in times.values():
        if count > _REFUSED_MAX:
            yield Fault("refused_again", f"422 × {count}")


def _state_not_asked(log: Sequence[Exchange]) -> Iterator[Fault]:
    """A till that goes on with a run of an earlier start has to ask about it; a new run has nothing to ask about."""
    asked = {exchange.start for exchange in log if isinstance(exchange, StateAsked)}
    begun: dict[str, int] = {}
    for upload in log:
        if isinstance(upload, Upload) and begun.setdefault(upload.run, upload.start) < upload.start not in asked:
            yield Fault("state_not_asked", f"{upload.start + 1}")
            return


def _spans(places: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{run[:8]}… {seq}" for run, seq in sorted(places)[:5])
