"""One port, two processes: connections go to the one whose request they bring, on two small servers with one pair."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ops.http.bounds import Bounds
from ops.http.handover import Handover, Part, pair, part_of
from ops.http.server import Server, server
from ops.web import listen

pytestmark = pytest.mark.usefixtures("programs")


def _app(name: str) -> Starlette:
    async def answer(request: Request) -> Response:
        client = request.client.port if request.client else 0
        return PlainTextResponse(f"{name} {len(await request.body())} {client}")

    return Starlette(routes=[Route("/{path:path}", answer, methods=["GET", "POST"])])


@contextlib.contextmanager
def running(part: Part, end: socket.socket, listening: socket.socket | None) -> Iterator[Server]:
    found = server(_app(part), Bounds(), [], lambda: None, Handover(part, end))
    sockets = [listening] if listening else []
    thread = threading.Thread(target=found.run, kwargs={"sockets": sockets}, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        found.should_exit = found.force_exit = True
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    found = pair()
    if found is None:
        pytest.skip("this system has no such sockets")
    yield found
    for end in found:
        end.close()


@pytest.mark.parametrize(
    ("beginning", "part"),
    [
        (b"POST /api/v1/uploads HTTP/1.1\r\n", "gateway"),
        (b"GET /api/v1/uploads/state?run=", "gateway"),
        (b"POST /api/v1/uploads?check=1 HTTP", "gateway"),
        (b"GET /api/v1/uploadsx HTTP/1.1\r\n", "portal"),
        (b"GET /api/v1/outlets HTTP/1.1\r\n", "portal"),
        (b"GET / HTTP/1.1\r\n", "portal"),
        (b"GET /healthz HTTP/1.1\r\n", "any"),
        (b"\r\n", "portal"),
        (b"x" * 64, "portal"),
        (b"POST /api/v1/uplo", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_whose_a_request_is(beginning: bytes, part: str | None) -> None:
    """By method and path; too few of them say nothing yet."""
    assert part_of(beginning) == part


def test_each_request_is_answered_by_its_own_process(ends: tuple[socket.socket, socket.socket]) -> None:
    """A kept connection goes over and back as its requests ask, with bodies small and large and its own address; one
    that comes while the other process is away waits for it."""
    gateway, portal = ends
    listening = listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with running("gateway", gateway, listening):
        early = socket.create_connection(listening.getsockname())
        early.sendall(b"GET /early HT")
        early.sendall(b"TP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        with running("portal", portal, None), httpx.Client(base_url=url, timeout=60) as client:
            early.settimeout(60)
            assert b"portal 0" in b"".join(iter(lambda: early.recv(65536), b""))
            ports = set()
            for _ in range(3):
                for path, size in (
                    ("/api/v1/uploads", 9),
                    ("/", 0),
                    ("/outlets", 300_000),
                    ("/api/v1/uploads", 70_000),
                ):
                    answer = client.post(path, content=b"x" * size)
                    part, read, port = answer.text.split()
                    assert (part, int(read)) == ("gateway" if "uploads" in path else "portal", size)
                    ports.add(port)
            assert len(ports) == 1, "it is one connection all the while"
        with contextlib.closing(early):
            assert httpx.post(f"{url}/api/v1/uploads", timeout=60).text.startswith("gateway")


def test_what_comes_in_one_piece_behind_anothers_is_sent_away(ends: tuple[socket.socket, socket.socket]) -> None:
    """Pipelined behind a page, an upload is told to come again, over a connection of its own; it is not lost as 404."""
    gateway, portal = ends
    listening = listen("127.0.0.1", 0)
    with (
        running("gateway", gateway, listening),
        running("portal", portal, None),
        socket.create_connection(listening.getsockname()) as client,
    ):
        client.settimeout(60)
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /api/v1/uploads/state HTTP/1.1\r\nHost: x\r\n\r\n")
        answers = b"".join(iter(lambda: client.recv(65536), b""))
    assert answers.startswith(b"HTTP/1.1 200")
    assert b"HTTP/1.1 503" in answers
    assert b"retry-after: 0" in answers
