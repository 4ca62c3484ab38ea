"""The till's HTTP against servers that are slow, huge or gone."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from producers.till.connection import MAX_ANSWER_BYTES, Connection, NoAnswer

Talk = Callable[[socket.socket], None]
"""What a server does on a connection; it closes it afterwards."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def serving(*talks: Talk) -> Iterator[tuple[str, list[int]]]:
    """A server that handles one connection after the other, the last way for all further ones; its address, and a list
    that has as many entries as connections were made."""
    connections: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listening.accept()
                    connections.append(1)
                    with connection, suppress(OSError):
                        talks[min(len(connections), len(talks)) - 1](connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}", connections
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join(10)


def answering(*answers: bytes) -> Talk:
    """Reads a request and answers, as often as there are answers."""

    def talk(connection: socket.socket) -> None:
        for answer in answers:
            if not read_request(connection):
                return
            connection.sendall(answer)

    return talk


def read_request(connection: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (more := connection.recv(4096)):
            return b""
        request += more
    return request


def dripping(answer: bytes) -> Talk:
    """Gives a byte every now and then, without end."""

    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(answer)
        while True:
            connection.sendall(b"x")
            time.sleep(0.02)

    return talk


def test_one_connection_is_kept_alive() -> None:
    """Requests that follow each other go over one connection."""
    with serving(answering(OK, OK, OK)) as (url, connections):
        client = Connection(url, 5)
        assert [client.request("GET", "/a", {}).content for _ in range(3)] == [b"{}"] * 3
        assert len(connections) == 1
        client.close()


def test_a_connection_closed_while_idle_is_opened_again() -> None:
    """A server that hangs up between two requests costs the second one nothing: it goes out again, once."""
    with serving(answering(OK), answering(OK)) as (url, connections):
        client = Connection(url, 5)
        assert [client.request("GET", "/a", {}).status for _ in range(2)] == [200, 200]
        assert len(connections) == 2
        client.close()


def test_a_server_that_only_hangs_up_gives_no_answer() -> None:
    """Where the fresh connection breaks off too, nobody knows what became of the request."""
    with serving(answering(OK), answering()) as (url, connections):
        client = Connection(url, 5)
        client.request("GET", "/a", {})
        with pytest.raises(NoAnswer):
            client.request("GET", "/a", {})
        assert len(connections) == 2


@pytest.mark.parametrize("length", ["Content-Length: 1000000000", "Transfer-Encoding: chunked", "Connection: close"])
def test_a_huge_answer_is_read_no_further_than_its_bound(length: str) -> None:
    """Of an answer without end 4 MiB are taken; the rest stays unread, and the next request has a new connection."""
    piece = bytes(65536)
    sent: list[int] = []

    def huge(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(f"HTTP/1.1 200 OK\r\n{length}\r\n\r\n".encode())
        while True:
            framed = b"%x\r\n%b\r\n" % (len(piece), piece) if "chunked" in length else piece
            connection.sendall(framed)
            sent.append(len(piece))

    with serving(huge, answering(OK)) as (url, connections):
        client = Connection(url, 30)
        assert len(client.request("GET", "/a", {}).content) == MAX_ANSWER_BYTES
        assert client.request("GET", "/a", {}).content == b"{}"
        assert len(connections) == 2
        assert sum(sent) < 20 * MAX_ANSWER_BYTES  # what lay in buffers on the way
        client.close()


@pytest.mark.parametrize(
    "beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"]
)
def test_an_answer_byte_by_byte_is_given_up(beginning: bytes) -> None:
    """However lively a server trickles, in its headers or in its body, a whole answer has its time and no more."""
    with serving(dripping(beginning)) as (url, _):
        client = Connection(url, 0.5)
        began = time.monotonic()
        with pytest.raises(NoAnswer):
            client.request("GET", "/a", {})
        assert time.monotonic() - began < 60  # all of it would take half an hour


@pytest.mark.parametrize("how", ["Content-Length: 40", "Transfer-Encoding: chunked"])
def test_half_an_answer_is_none(how: str) -> None:
    """A refusal that breaks off in its middle is an unknown outcome: half of it would stop the till for good."""
    body = b'{"error":"invalid","at":"events'
    framed = b"28\r\n%b" % body if "chunked" in how else body
    answer = f"HTTP/1.1 422 Refused\r\n{how}\r\n\r\n".encode() + framed
    with serving(answering(answer)) as (url, _), pytest.raises(NoAnswer):
        Connection(url, 5).request("POST", "/a", {})


def test_a_redirect_is_an_answer_like_any_other() -> None:
    """A token goes to the address that was given, nowhere else."""
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    with serving(answering(moved, OK)) as (url, connections):
        client = Connection(url, 5)
        assert client.request("GET", "/a", {"Authorization": "Bearer x"}).status == 302
        assert len(connections) == 1
        client.close()
