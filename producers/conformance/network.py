"""The nasty network: a real HTTP server on loopback, where a cut connection is a cut connection."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from producers.conformance.service import Service, error
from schemas.errors import UploadRefused
from schemas.limits import MAX_BYTES
from schemas.uploads import parse

_PACKED_BYTES_MAX = 16 * 1024 * 1024
_UPLOADS = "/api/v1/uploads"


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
            self._answer(404, error("not_found", False))
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
            self._answer(404, error("not_found", False))
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
            self._answer(503, error("not_available", False), 1)
            return None
        if not service.token_fits(self.headers.get("Authorization")):
            service.bad("no_token", self.path)
            self._answer(401, error("no_token", False))
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

    def handleerror(self, request: Any, client_address: Any) -> None:
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
