"""A till program's JSON API as its maker describes it in public: pages, Basic authorization, errors; and a bad day."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

LOGIN, PASSWORD = "api", "тайна"


class GbsServer:
    """`documents` and `goods` are what it knows. `answers` are given once each, before any other: a status, or bytes,
    or seconds to wait."""

    def __init__(self) -> None:
        self.documents: list[dict[str, Any]] = []
        self.goods: list[dict[str, Any]] = []
        self.answers: list[int | bytes | float] = []
        self.requests: list[dict[str, str]] = []
        self.page_size_max = 100
        self.address = ""

    def answer(self, target: str, authorization: str | None) -> tuple[int, bytes]:
        expected = "Basic " + base64.b64encode(f"{LOGIN}:{PASSWORD}".encode()).decode()
        if authorization != expected:
            return 401, b""
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        self.requests.append({"path": parts.path, **query})
        if self.answers:
            match self.answers.pop(0):
                case bytes() as content:
                    return 200, content
                case int() as status:
                    return status, b"{}"
                case float() as seconds:
                    time.sleep(seconds)
        match parts.path:
            case "/api/v1/documents":
                if query.get("type") != "Sale":
                    return 200, _error("unknown type")
                first, last = date.fromisoformat(query["date_start"]), date.fromisoformat(query["date_end"])
                of_days = [d for d in self.documents if first.isoformat() <= d["DateTime"][:10] <= last.isoformat()]
                return 200, self._page(of_days, query)
            case "/api/v1/goods":
                return 200, self._page(self.goods, query)
            case _:
                return 404, b""

    def _page(self, records: list[dict[str, Any]], query: dict[str, str]) -> bytes:
        size = min(int(query.get("page_size", 50)), self.page_size_max)
        page, pages = int(query.get("page", 1)), max(1, -(-len(records) // size))
        data = records[(page - 1) * size : page * size]
        return json.dumps({"Status": "Ok", "Data": data, "TotalPages": pages}, ensure_ascii=False).encode("utf-8-sig")


def _error(message: str) -> bytes:
    return json.dumps({"Status": "Error", "Data": {"Message": message}}).encode()


@contextmanager
def serving() -> Iterator[GbsServer]:
    """A server on a free port of loopback."""
    server = GbsServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status, content = server.answer(self.path, self.headers.get("Authorization"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=http.serve_forever, daemon=True).start()
    server.address = f"http://127.0.0.1:{http.server_address[1]}"
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
