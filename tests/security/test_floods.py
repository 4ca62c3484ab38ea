"""Floods of connections and halves of requests leave pages and uploads alone. The service as it is served, with the
gateway."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from ops.provisioning import provision
from ops.settings import Settings
from schemas.topics import Topics
from tests.security.sockets import connect
from tests.service import wait_until
from tests.webapp.served import Served, served_portal

FILES = 600
ANSWERED_WITHIN_S = 20.0
"""Whoever was shut out would get nothing at all. A busy machine answers within this."""
_EVENT = {"type": "good.removed", "at": "2026-11-23T12:00:00+03:00", "good_id": "g1"}


class Till:
    """Uploads over one connection that it keeps."""

    def __init__(self, url: str, token: str) -> None:
        self._http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=60)
        self._seq = 0

    def upload(self) -> int:
        batch = {"run": "0f0f0f0f-0000-4000-8000-000000000001", "first_seq": self._seq + 1, "events": [_EVENT]}
        status = self._http.post("/api/v1/uploads", json=batch).status_code
        self._seq += status == 202
        return status

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def served(service_settings: Settings, topics: Topics) -> Iterator[Served]:
    with served_portal(service_settings, "all", FILES) as found:
        yield found


@pytest.fixture
def till(served: Served, service_settings: Settings) -> Iterator[Till]:
    token = provision(service_settings.postgres, "owner@shop.example", ["Чайная"])["outlets"][0]["till_token"]
    opened = Till(served.url, token)
    assert opened.upload() == 202
    yield opened
    opened.close()


def test_more_sockets_than_file_descriptors(served: Served, till: Till) -> None:
    """1,100 silent sockets of many addresses against 600 file descriptors shut out neither pages nor uploads, those
    over a new connection included."""
    with contextlib.ExitStack() as stack:
        for number in range(1100):
            source = f"127.0.{1 + number % 50}.1"
            with contextlib.suppress(ConnectionError, TimeoutError):
                stack.enter_context(connect(served.url, source=source))
        for _ in range(10):
            assert httpx.get(f"{served.url}/sign-in", timeout=ANSWERED_WITHIN_S).status_code == 200
            assert till.upload() == 202
        till.close()


@pytest.mark.asvs("V4.2.1", "quiet bytes are not counted")
def test_an_endless_header_takes_no_memory(served: Served, till: Till) -> None:
    """Eight endless headers at once cost less than 20 MB, and meanwhile uploads are answered."""
    before = served.memory_bytes_max()
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(connect(served.url)) for _ in range(8)]
            for client in clients:
                client.sendall(b"GET / HTTP/1.1\r\nX-Endless: ")
            for _ in range(200):
                for client in clients:
                    with contextlib.suppress(ConnectionError):
                        client.sendall(b"x" * 65536)
            assert till.upload() == 202
    assert served.memory_bytes_max() - before < 20_000_000


def test_a_revoked_token_is_refused_at_once(served: Served, till: Till, service_settings: Settings) -> None:
    """A till whose token was just taken, and which the gateway knows, is refused by its next uploads."""
    assert till.upload() == 202
    with psycopg.connect(service_settings.postgres) as connection:
        connection.execute("UPDATE app.till_tokens SET revoked_at = now()")
    wait_until(lambda: till.upload() == 401, "the token still opens the service", ANSWERED_WITHIN_S)


@pytest.mark.parametrize("path", ["/sign-in", "/api/v1/uploads", "/api/v1/payments/test", "/", "/nothing", "/healthz"])
@pytest.mark.asvs("V15.2.2", "a route reads bodies without a bound")
def test_no_route_keeps_half_a_body_or_much_of_one(served: Served, path: str) -> None:
    """Whatever route a body of 400 MB is sent to, as a form, a file or JSON in chunks: it is ended before 64 MB, and
    nothing of it goes to memory or disk."""
    url = served.url
    httpx.get(f"{url}/healthz", timeout=60)
    memory, written = served.memory_bytes_max(), served.written_bytes()
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/json"):
        with connect(url) as client, contextlib.suppress(ConnectionError):
            head = f"POST {path} HTTP/1.1\r\nHost: test\r\nOrigin: {url}\r\nContent-Type: {kind}\r\n"
            client.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
            client.sendall(b"2b\r\n--x\r\nContent-Disposition: form-data; name=a\r\n\r\n")
            sent, end = 0, time.monotonic() + 60
            while sent < 400_000_000 and time.monotonic() < end:
                client.sendall(b"10000\r\n" + b"x" * 65536 + b"\r\n")
                sent += 65536
        assert sent < 64_000_000, kind
    assert served.memory_bytes_max() - memory < 40_000_000
    assert served.written_bytes() - written < 1_000_000
