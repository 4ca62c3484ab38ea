"""The nasty network and server: keeps uploads like a gateway, and does to each what the case says.

A real HTTP server on loopback: a cut connection is a cut connection.
"""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from producers.conformance.cases import Meeting, Start
from producers.conformance.judge import BadForm, Exchange, Outcome, StateAsked, Upload
from producers.gateway.words import of_fault, of_refusal
from schemas.errors import Fault, UploadRefused
from schemas.limits import MAX_BYTES
from schemas.spans import joined, missing
from schemas.uploads import check, parse

_PACKED_BYTES_MAX = 16 * 1024 * 1024
_UPLOADS = "/api/v1/uploads"
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
                return 401, _error("unknown_token", self._english)
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
        return meeting.answer, _error(code, self._english) if code else "<html>conform</html>", meeting.retry_after

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


def _error(code: str, english: bool) -> dict[str, str]:
    return {"error": code, "detail": of_refusal(UploadRefused(400, code, code), english), "at": ""}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    service: ClassVar[Callable[[], Service | None]]
    timeout = 60

    def do_GET(self) -> None:
        service = self._service()
        parts = urlsplit(self.path)
        if service is None:
            return
        if parts.path.rstrip("/") != f"{_UPLOADS}/state":
            self._answer(404, _error("not_found", False))
            return
        run = parse_qs(parts.query).get("run", [""])[0].lower()
        self._answer(*service.state(run))

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), _PACKED_BYTES_MAX))
        service = self._service()
        parts = urlsplit(self.path)
        if service is None:
            return
        if parts.path != _UPLOADS:
            service.bad("breaks_the_contract", f"POST {parts.path}")
            self._answer(404, _error("not_found", False))
            return
        try:
            plain = self._plain(body)
            parse(plain)
        except UploadRefused as refused:
            if parse_qs(parts.query).get("check") == ["1"] and refused.status == 422:
                self._answer(*service.check(plain))
                return
            service.bad("breaks_the_contract", f"{refused.status} {refused.at} {refused.detail}".strip())
            self._answer(refused.status, service.refusal(refused))
            return
        if parse_qs(parts.query).get("check") == ["1"]:
            self._answer(*service.check(plain))
            return
        status, content, retry_after = service.upload(plain)
        if isinstance(status, str):
            self._cut()
        else:
            self._answer(status, content, retry_after)

    def _service(self) -> Service | None:
        service = type(self).service()
        if service is None:
            self._answer(503, _error("not_available", False), 1)
            return None
        if not service.token_fits(self.headers.get("Authorization")):
            service.bad("no_token", self.path)
            self._answer(401, _error("no_token", False))
            return None
        return service

    def _plain(self, body: bytes) -> bytes:
        if self.headers.get_content_type() != "application/json":
            raise UploadRefused(415, "wrong_type", "Content-Type: application/json")
        encoding = (self.headers.get("Content-Encoding") or "identity").lower()
        if encoding not in ("identity", "gzip"):
            raise UploadRefused(415, "unknown_encoding", encoding)
        try:
            plain = gzip.decompress(body) if encoding == "gzip" else body
        except (OSError, EOFError, zlib.error) as exc:
            raise UploadRefused(400, "broken_gzip", str(exc)) from exc
        if len(plain) > MAX_BYTES:
            raise UploadRefused(413, "too_large", f"{len(plain)} > {MAX_BYTES}")
        return plain

    def _answer(self, status: int, content: Any, retry_after: int | None = None) -> None:
        text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if isinstance(content, str) else "application/json")
            if retry_after is not None:
                self.send_header("Retry-After", str(retry_after))
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    def _cut(self) -> None:
        """The connection ends without a word."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that was cut, here or there."""


@contextmanager
def serving(port: int, service: Callable[[], Service | None]) -> Iterator[int]:
    """Serves on a port of loopback (0: a free one) until the end of the block; gives the port."""
    handler = type("Handler", (_Handler,), {"service": staticmethod(service)})
    with _Server(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(10)
