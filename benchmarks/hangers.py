"""Clients that mean no good, for as long as something else is measured: slow sockets and files that nobody reads."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import psycopg

from benchmarks.service import Service
from ops.provisioning import create_sign_in_link

SLOW_SOCKETS, UNREAD_FILES = 1_000, 9
_ADDRESSES = 50
_RENEW_S = 50.0
"""An answer that nobody reads is given up by the service after 60 s."""
_PATIENCE_S = 120.0
_HEAD = b"POST /api/v1/uploads HTTP/1.1\r\nHost: bench\r\nX-Slow: "
_CONTACTS = """
INSERT INTO contacts (outlet_id, contact_id, name, purchases_total, debt, points, removed)
SELECT
    (SELECT outlet_id FROM app.outlets ORDER BY name LIMIT 1), 'many' || n, 'Иванов ' || n || repeat(' Ё', 250), 1, 1,
    1, false
FROM generate_series(1, 50000) n
"""


def fill(service: Service, email: str) -> str:
    """Gives an account a list of some 50 MB, and returns the cookie of its owner's session."""
    with psycopg.connect(service.settings.postgres) as connection:
        connection.execute(
            "SELECT set_config('search_path', schema_name, true) FROM app.generations WHERE state = 'live'"
        )
        connection.execute(_CONTACTS)
    url = f"http://127.0.0.1:{service.port}"
    link = create_sign_in_link(service.settings.postgres, email, url)
    answer = httpx.get(link, timeout=30)
    if answer.status_code == 200:  # opened, its button not pressed yet
        answer = httpx.post(link, headers={"Origin": url}, timeout=30)
    if answer.status_code != 303 or "set-cookie" not in answer.headers:
        raise RuntimeError(f"signing in was answered {answer.status_code}: {answer.text[:2000]}")
    return answer.headers["set-cookie"].split(";")[0]


@contextlib.contextmanager
def hanging(port: int, cookie: str) -> Iterator[None]:
    """All of them hang from entry to exit; whom the service ends is replaced."""
    stop = threading.Event()
    slow, unread = threading.Event(), threading.Event()
    threads = [
        threading.Thread(target=_slow_sockets, args=(port, slow, stop), daemon=True),
        threading.Thread(target=_unread_files, args=(port, cookie, unread, stop), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        if not (slow.wait(_PATIENCE_S) and unread.wait(_PATIENCE_S)):
            raise RuntimeError("the slow sockets and unread files did not come to hang")
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _slow_sockets(port: int, there: threading.Event, stop: threading.Event) -> None:
    """Heads that grow by a byte a second and never end."""
    clients: list[socket.socket] = []
    try:
        while not stop.is_set():
            clients = [client for client in clients if _sends(client)]
            while len(clients) < SLOW_SOCKETS and not stop.is_set():
                client = _connect(port, len(clients))
                if _sends(client, _HEAD):
                    clients.append(client)
            there.set()
            stop.wait(1)
    finally:
        for client in clients:
            client.close()


def _unread_files(port: int, cookie: str, there: threading.Event, stop: threading.Event) -> None:
    """Each file's answer has begun, or was refused, before they are said to hang."""
    request = f"GET /contacts/export.csv HTTP/1.1\r\nHost: bench\r\nCookie: {cookie}\r\n\r\n".encode()
    while not stop.is_set():
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(_connect(port, 0)) for _ in range(UNREAD_FILES)]
            waiting = [client for client in clients if _sends(client, request)]
            deadline = time.monotonic() + _PATIENCE_S
            while waiting and not stop.is_set() and time.monotonic() < deadline:
                answered, _, _ = select.select(waiting, [], [], 0.2)
                waiting = [client for client in waiting if client not in answered]
            there.set()
            stop.wait(_RENEW_S)


def _connect(port: int, number: int) -> socket.socket:
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    client.settimeout(5)
    client.bind((f"127.0.{1 + number % _ADDRESSES}.1", 0))
    with contextlib.suppress(OSError):
        client.connect(("127.0.0.1", port))
    return client


def _sends(client: socket.socket, data: bytes = b"x") -> bool:
    try:
        client.sendall(data)
    except OSError:
        client.close()
        return False
    return True
