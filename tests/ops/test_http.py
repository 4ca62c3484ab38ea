"""The HTTP server's bounds, each reached over sockets, on a small application with times of a second."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from msgspec.structs import replace
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from ops.http.bounds import Bounds, of_machine
from ops.http.server import server
from ops.web import listen
from tests.security.sockets import connect
from tests.service import wait_until

pytestmark = pytest.mark.usefixtures("programs")  # a server whose bounds take seconds

BOUNDS = Bounds(
    connections=40,
    per_address=20,
    reserve=10,
    header_seconds=1.0,
    body_seconds=1.0,
    idle_seconds=3.0,
    write_seconds=1.0,
    closing_seconds=1.0,
)
GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
LATE_S = 20.0
"""A bound of a second is noticed within this, on the busiest machine; without the bound it would never be."""
_hanging_now: list[Request] = []
"""The requests that are in `/hanging`."""


async def _hello(request: Request) -> Response:
    return PlainTextResponse("hello")


async def _echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


async def _slow(request: Request) -> Response:
    await asyncio.sleep(4)
    return PlainTextResponse("slept")


async def _endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 100_000
            await asyncio.sleep(0)  # or nobody else had a turn

    return StreamingResponse(pieces())


async def _hanging(request: Request) -> Response:
    _hanging_now.append(request)
    try:
        await asyncio.sleep(100)
        return PlainTextResponse("late")
    finally:
        _hanging_now.remove(request)


async def _address(request: Request) -> Response:
    return PlainTextResponse(request.client.host if request.client else "")


@contextlib.contextmanager
def served(bounds: Bounds = BOUNDS, trusted: list[str] | None = None, grace_s: int | None = None) -> Iterator[str]:
    """A small application within these bounds, in a thread; gives its URL. `grace_s`: it ends as by SIGTERM."""
    routes = [
        Route("/", _hello),
        Route("/echo", _echo, methods=["POST"]),
        Route("/api/v1/uploads", _echo, methods=["POST"]),
        Route("/slow", _slow),
        Route("/endless", _endless),
        Route("/address", _address),
        Route("/hanging", _hanging),
        Route("/api/v1/uploads/hanging", _hanging, methods=["POST"]),
    ]
    listening = listen("127.0.0.1", 0)
    running = server(Starlette(routes=routes), bounds, trusted or [], lambda: None)
    if grace_s is not None:
        running.config.timeout_graceful_shutdown = grace_s
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        running.should_exit = True
        running.force_exit = grace_s is None
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served() as found:
        yield found


def closed_after(client: socket.socket) -> float:
    """The seconds until the server ends the connection; what it sends is read."""
    began = time.monotonic()
    client.settimeout(2 * LATE_S)
    with contextlib.suppress(ConnectionError):
        while client.recv(65536):
            pass
    return time.monotonic() - began


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HT",
        b"GET / HTTP/1.1\r\nHost: test\r\nX-Half: ",
        b"\r\n",
        b"POST /echo HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9\r\n\r\nhalf",
        b"POST /echo HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",
    ],
    ids=["nothing", "half a line", "half a header", "line breaks", "half a body", "half a body unread", "half a chunk"],
)
def test_halves_are_ended(url: str, sent: bytes) -> None:
    """A connection that sends nothing, half a header or half a body is ended in its time."""
    with connect(url) as client:
        client.sendall(sent)
        assert closed_after(client) < LATE_S


@pytest.mark.parametrize(
    "drops", [b"GET / HTTP/1.1\r\nX-Drop: ", b"\r\n", b"POST / HTTP/1.1\r\nContent-Length: 999\r\n\r\n"]
)
def test_drops_are_ended(url: str, drops: bytes) -> None:
    """A client that sends a byte from time to time gets no longer than one that sends none."""
    with connect(url) as client:
        client.sendall(drops)
        began = time.monotonic()
        with contextlib.suppress(ConnectionError):
            while time.monotonic() - began < 2 * LATE_S:
                client.sendall(b"\n" if drops == b"\r\n" else b"x")
                time.sleep(0.1)
                client.setblocking(False)
                with contextlib.suppress(BlockingIOError):
                    while client.recv(1000):
                        pass
                    break
                client.setblocking(True)
        assert time.monotonic() - began < LATE_S


@pytest.mark.parametrize(
    "begun",
    [
        b"GET / HTTP/1.1\r\nX-Endless: ",
        b"GET /",
        b"GET / HTTP/1.1\r\n",
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;",
        b"POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Trailer: ",
    ],
    ids=["header", "line", "headers", "chunk extension", "trailer"],
)
def test_what_has_no_end_is_ended(url: str, begun: bytes) -> None:
    """A header, a line, a trailer without an end is refused before 300,000 bytes of it have come."""
    piece = b"a: b\r\n" * 2000 if begun.endswith(b"1.1\r\n") else b"x" * 12_000
    sent = 0
    with connect(url) as client:
        client.sendall(begun)
        with contextlib.suppress(ConnectionError):
            while sent < 20_000_000:
                client.sendall(piece)
                sent += len(piece)
                time.sleep(0.001)
    assert sent < 3_000_000  # what socket buffers took on its way is not the server's


def test_a_large_body_comes_through(url: str) -> None:
    """What is bounded is what nothing is made of: a body of 8 MiB comes through, plain and in chunks."""
    body = b"x" * (8 << 20)
    assert httpx.post(f"{url}/echo", content=body, timeout=60).text == str(len(body))
    assert httpx.post(f"{url}/echo", content=iter([body[:1000], body[1000:]]), timeout=60).text == str(len(body))


def test_an_unread_answer_is_ended(url: str) -> None:
    """A client that does not read is let go in its time, and one that reads is not."""
    with connect(url, receive_bytes=2048) as client, httpx.stream("GET", f"{url}/endless", timeout=60) as reader:
        client.sendall(b"GET /endless HTTP/1.1\r\nHost: test\r\n\r\n")
        pieces = reader.iter_bytes()
        began = time.monotonic()
        while time.monotonic() - began < 3:
            assert next(pieces)
        client.settimeout(60)
        with contextlib.suppress(ConnectionError):
            left = 0
            while piece := client.recv(65536):
                left += len(piece)
            assert left < 10_000_000


def test_connections_are_kept_between_requests() -> None:
    """A connection is kept for the next request, in its time; a request may take longer than a header may."""
    with served(replace(BOUNDS, idle_seconds=8.0)) as url, connect(url) as client:
        for path in ("/", "/slow", "/"):
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            time.sleep(1.5)  # longer than a header may take
        assert closed_after(client) < 8 + LATE_S


def test_tills_keep_their_connections() -> None:
    """As served, a connection is kept for more than 90 seconds between uploads."""
    assert of_machine().idle_seconds > 90


def test_each_answer_says_how_long_the_connection_is_kept() -> None:
    """Less than it is kept: so a client that goes by it neither lets it go early nor writes into one that ends."""
    with served(replace(BOUNDS, idle_seconds=40.0)) as url, connect(url) as client:
        client.sendall(GET)
        assert b"\r\nkeep-alive: timeout=35\r\n" in client.recv(1000).lower()


def test_pipelined_requests_are_answered(url: str) -> None:
    """Several requests in one piece are answered one after the other."""
    with connect(url) as client:
        client.sendall(GET * 5)
        answer = b""
        while answer.count(b"hello") < 5:
            answer += client.recv(10_000)


def test_one_address_takes_its_part() -> None:
    """An address that opens more than its part gives up its own waiting connections, the oldest first; with all of
    them at work it gets no more. Others get theirs."""
    with served(replace(BOUNDS, header_seconds=100.0)) as url, contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(url, source="127.0.0.2")) for _ in range(30)]
        for client in clients[:10]:
            assert closed_after(client) < LATE_S
        for client in clients[10:]:
            client.sendall(b"GET /hanging HTTP/1.1\r\nHost: test\r\n\r\n")
        wait_until(lambda: len(_hanging_now) == 20, "the others are not at work")
        with connect(url, source="127.0.0.2") as late:
            assert closed_after(late) < LATE_S
        assert len(_hanging_now) == 20
        assert httpx.get(url, timeout=60).text == "hello"


def test_a_newcomer_gets_in() -> None:
    """With all connections waiting, a new one takes the place of one that never sent a request; a till's is kept."""
    with served(replace(BOUNDS, header_seconds=30.0, idle_seconds=30.0)) as url, contextlib.ExitStack() as stack:
        till = stack.enter_context(connect(url))
        upload = b"POST /api/v1/uploads HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nabcd"
        till.sendall(upload)
        assert b"200 OK" in till.recv(1000)
        for number in range(200):
            stack.enter_context(connect(url, source=f"127.0.1.{1 + number % 200}"))
        assert httpx.get(url, timeout=LATE_S).text == "hello"
        till.sendall(upload)
        assert b"200 OK" in till.recv(1000)


def test_uploads_have_a_reserve() -> None:
    """While pages hold all that they may, another page is 503 and an upload is taken."""
    with served(replace(BOUNDS, write_seconds=30.0)) as url, contextlib.ExitStack() as stack:
        for number in range(30):
            client = stack.enter_context(connect(url, source=f"127.0.1.{1 + number}", receive_bytes=2048))
            client.sendall(b"GET /endless HTTP/1.1\r\nHost: test\r\n\r\n")
        wait_until(lambda: httpx.get(url, timeout=60).status_code == 503, "pages are still let in")
        assert httpx.post(f"{url}/api/v1/uploads", content=b"abcd", timeout=60).text == "4"


@pytest.mark.parametrize(
    ("trusted", "address"), [([], "127.0.0.1"), (["10.0.0.0/8"], "127.0.0.1"), (["127.0.0.0/8"], "192.0.2.7")]
)
@pytest.mark.asvs("V4.1.3", "X-Forwarded-For of anybody counts")
@pytest.mark.asvs("V15.3.4", "X-Forwarded-For of anybody counts")
def test_only_trusted_proxies_are_believed(trusted: list[str], address: str) -> None:
    """X-Forwarded-For counts where it comes from a trusted network, and nowhere else."""
    with served(trusted=trusted) as url:
        assert httpx.get(f"{url}/address", headers={"X-Forwarded-For": "192.0.2.7"}, timeout=60).text == address


@pytest.mark.parametrize(("method", "path"), [("GET", "/hanging"), ("POST", "/api/v1/uploads/hanging")])
def test_who_waits_when_the_server_ends_is_told_to_try_again(method: str, path: str) -> None:
    """An upload that waits for Kafka is no fault of anybody: 503, in the form of the upload API, and not 500."""
    with ThreadPoolExecutor(1) as pool:
        with served(grace_s=1) as url:
            waiting = pool.submit(httpx.request, method, url + path, timeout=60)
            wait_until(lambda: bool(_hanging_now), "the request does not arrive")
        answer = waiting.result(60)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    if method == "POST":
        assert answer.json()["error"] == "not_available"
