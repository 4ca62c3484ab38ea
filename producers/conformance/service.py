"""What the nasty server keeps and does: uploads like a gateway's, and to each what the case says."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec

from producers.conformance.cases import Meeting, Start
from producers.conformance.judge import BadForm, Exchange, Outcome, StateAsked, Upload
from producers.gateway.words import of_fault, of_refusal
from schemas.errors import Fault, UploadRefused
from schemas.spans import joined, missing
from schemas.uploads import check

_SERVED = Meeting(202, "all")
_REFUSAL = Fault("", "other_form")

Place = tuple[str, int]


def canonical(event: Any) -> bytes:
    """An event in one form, however its JSON was written."""
    return msgspec.json.encode(event, order="sorted")


class Service:
    """What the server has and saw in one case. Every method may be called from any thread."""

    def __init__(self, token: str | None, english: bool, kill: Callable[[], None] = lambda: None) -> None:
        self._token, self._english, self._kill = token, english, kill
        self._lock = threading.Lock()
        self._script: list[Meeting] = []
        self._until: float | None = None
        self._start: Start | None = None
        self._number = -1
        self._refused: set[bytes] = set()
        self.log: list[Exchange] = []
        self.kept: dict[Place, bytes] = {}
        self.lost: set[Place] = set()

    def begin(self, start: Start) -> None:
        """The till program is about to be started again."""
        with self._lock:
            self._start, self._script, self._until = start, list(start.uploads), None
            self._number += 1
            if start.lose:
                first, last = start.lose
                self.lost |= {place for place in self.kept if first <= place[1] <= last}
                self.kept = {place: event for place, event in self.kept.items() if place not in self.lost}

    @property
    def settled(self) -> bool:
        """Whether all that was to happen in this start happened, and an upload was acknowledged after it."""
        with self._lock:
            last = next((seen for seen in reversed(self.log) if isinstance(seen, Upload)), None)
            if last is None or last.start != self._number or self._start is None:
                return False
            return not self._script and (self._start.revoked or last.outcome == "acknowledged")

    def state(self, run: str) -> tuple[int, Any]:
        """Answer to `GET …/state`."""
        with self._lock:
            self.log.append(StateAsked(time.monotonic(), self._number))
            if self._start and self._start.revoked:
                return 401, error("unknown_token", self._english)
            spans = joined((seq, seq) for of, seq in self.kept if of == run)
        through = spans.pop(0)[1] if spans and spans[0][0] == 1 else 0
        return 200, {"applied_through": through, "waiting": spans, "missing": missing(through, spans)}

    def bad(self, code: Any, detail: str) -> None:
        """A request that breaks the rules by itself."""
        with self._lock:
            self.log.append(BadForm(time.monotonic(), self._number, code, detail))

    def check(self, plain: bytes) -> tuple[int, Any]:
        """Answer to an upload that is only to be looked at."""
        checked = check(plain)
        errors = [{"at": f.at, "code": f.code, "detail": of_fault(f, self._english)} for f in checked.faults]
        events = msgspec.json.decode(plain).get("events", [])
        with self._lock:
            for position, event in enumerate(events):
                if canonical(event) in self._refused:
                    errors.append({"at": f"events[{position}].type", "code": "other_form", "detail": "conform"})
        return 200, {"valid": max(0, len(events) - len({e["at"].partition(".")[0] for e in errors})), "errors": errors}

    def upload(self, plain: bytes) -> tuple[int | str, Any, int | None]:
        """Takes an upload that is right by itself: status (or `cut`), answer, Retry-After."""
        body = msgspec.json.decode(plain)
        events = [canonical(event) for event in body["events"]]
        run, first = str(body["run"]).lower(), body["first_seq"]
        accepted = {"accepted": len(events), "next_seq": first + len(events)}
        with self._lock:
            meeting = self._meeting(len(events))
            now = time.monotonic()
            if meeting.refuse is not None:
                self._refused.add(events[min(meeting.refuse, len(events) - 1)])
            refused = next((position for position, event in enumerate(events) if event in self._refused), None)
            if refused is not None and meeting.answer in (202, 422):
                self.log.append(Upload(now, self._number, run, first, events, "refused", 0.0, events[refused]))
                content = {"error": "invalid", "detail": of_fault(_REFUSAL, self._english)}
                return 422, content | {"at": f"events[{refused}].type"}, None
            keep = {"all": len(events), "half": len(events) // 2, "none": 0}[meeting.write]
            for seq, event in enumerate(events[:keep], first):
                self.kept.setdefault((run, seq), event)
            outcome = _OUTCOMES.get(meeting.answer, "unknown")
            self.log.append(Upload(now, self._number, run, first, events, outcome, meeting.retry_after or 0.0))
        if meeting.answer == "kill":
            self._kill()
            return "cut", None, None
        if meeting.answer == 202:
            return 202, accepted, None
        code = _CODES.get(meeting.answer, "")
        return meeting.answer, error(code, self._english) if code else "<html>conform</html>", meeting.retry_after

    def _meeting(self, count: int) -> Meeting:
        start = self._start
        if start is None:
            return _SERVED
        if start.revoked:
            return Meeting(401)
        if start.events_at_most is not None and count > start.events_at_most:
            return Meeting(413)
        if not self._script:
            return _SERVED
        meeting = self._script[0]
        if meeting.for_seconds is None:
            return self._script.pop(0)
        self._until = self._until or time.monotonic() + meeting.for_seconds
        if time.monotonic() < self._until:
            return meeting
        self._script.pop(0)
        self._until = None
        return self._script.pop(0) if self._script else _SERVED

    def token_fits(self, header: str | None) -> bool:
        kind, _, token = (header or "").partition(" ")
        return kind.lower() == "bearer" and bool(token) and token in (self._token or token,)

    def refusal(self, refused: UploadRefused) -> Any:
        return {"error": refused.code, "detail": of_refusal(refused, self._english), "at": refused.at}


_OUTCOMES: dict[int | str, Outcome] = {
    202: "acknowledged",
    401: "revoked",
    413: "refused",
    422: "refused",
    429: "later",
    503: "later",
}
_CODES: dict[int | str, str] = {
    401: "unknown_token",
    413: "too_many_events",
    429: "too_many_requests",
    503: "not_available",
}


def error(code: str, english: bool) -> dict[str, str]:
    """An answer of the upload API that is no success."""
    return {"error": code, "detail": of_refusal(UploadRefused(400, code, code), english), "at": ""}
