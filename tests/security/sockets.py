"""Clients that behave badly: they send slowly or never, and do not read what they asked for."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit


def connect(url: str, *, receive_bytes: int = 0, source: str = "127.0.0.1") -> socket.socket:
    """A connection to the server at `url`; a small `receive_bytes` makes the kernel take little that is not read."""
    parts = urlsplit(url)
    client = socket.socket()
    if receive_bytes:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.bind((source, 0))
    client.settimeout(60)
    client.connect((parts.hostname, parts.port))
    return client


@contextlib.contextmanager
def unread(url: str, path: str, count: int, headers: str = "") -> Iterator[list[socket.socket]]:
    """So many requests whose answers nobody reads."""
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connect(url, receive_bytes=2048)) for _ in range(count)]
        for client in clients:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: test\r\n{headers}\r\n".encode())
        yield clients
