"""HTTP for the till client: one connection, kept alive, with bounds. Redirects are answers like any other.

Proxies are taken from where the system keeps them (`HTTPS_PROXY`, the settings of Windows and macOS), and certificates
are checked against the system's (`SSL_CERT_FILE`).
"""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPSConnection, IncompleteRead
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from schemas.errors import UsageError

MAX_ANSWER_BYTES = 4 * 1024 * 1024
"""An answer of the upload API is far smaller; the rest of a larger one is not read."""
_CONNECT_SECONDS = 10.0
_ASIDE = {"localhost", "127.0.0.1", "::1"}  # no proxy leads there


class NoAnswer(Exception):
    """The request was sent or not: nobody knows. The text says what happened, without the address."""


class Answer(NamedTuple):
    """What came back. `headers` by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class Connection:
    """A connection to `url`, made when it is needed. `timeout`: seconds for each step, and for a whole answer."""

    def __init__(self, url: str, timeout: float) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode()
        except ValueError as exc:  # a port that is none, a name that is none
            raise UsageError(f"the gateway's address can't be used: {exc}") from exc
        if parts.scheme not in ("http", "https") or not host:
            raise UsageError("the gateway's address begins with http:// or https://")
        self._https, self._host, self._port, self._timeout = parts.scheme == "https", host, port, timeout
        self._path = quote(parts.path.rstrip("/"), safe="/%:@!$&'()*+,;=~-._")
        self._http: HTTPConnection | None = None

    def request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Answer:
        """Send a request and return its answer. Raises `NoAnswer`.

        A server may close a connection that has been idle at the very moment of a request. Every request here may be
        repeated, so it goes out once more over a fresh connection.
        """
        try:
            if self._http:
                with suppress(ConnectionError):
                    return self._ask(self._http, method, path, headers, body)
                self.close()
            self._http = self._opened()
            return self._ask(self._http, method, path, headers, body)
        except (HTTPException, OSError, ValueError) as exc:
            self.close()
            raise NoAnswer(type(exc).__name__) from exc

    def close(self) -> None:
        """Let the connection go."""
        if self._http:
            self._http.close()
            self._http = None

    def _opened(self) -> HTTPConnection:
        host, port, proxied = self._host, self._port, self._proxy()
        if proxied:
            host, port = proxied.hostname or "", proxied.port or 80
        seconds = min(self._timeout, _CONNECT_SECONDS)
        if self._https:
            http: HTTPConnection = HTTPSConnection(host, port, timeout=seconds, context=ssl.create_default_context())
            if proxied:
                http.set_tunnel(self._host, self._port, self._proxy_headers())
        else:
            http = HTTPConnection(host, port, timeout=seconds)
        http.connect()
        assert http.sock
        http.sock.settimeout(self._timeout)
        http.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return http

    def _ask(
        self, http: HTTPConnection, method: str, path: str, headers: Mapping[str, str], body: bytes | None
    ) -> Answer:
        target = self._path + path
        if not self._https and self._proxy():
            authority = f"[{self._host}]" if ":" in self._host else self._host
            target = f"http://{authority}{f':{self._port}' if self._port else ''}{target}"
            headers = {**headers, **self._proxy_headers()}
        http.request(method, target, body, dict(headers))
        assert http.sock
        over = threading.Event()
        late = threading.Timer(self._timeout, _shut, (http.sock, over))  # one byte now and then is no answer either
        late.daemon = True
        late.start()
        try:
            response = http.getresponse()
            content = response.read(MAX_ANSWER_BYTES)
            if response.will_close or not response.isclosed():  # or there is more of it
                self.close()
        finally:
            late.cancel()
        if over.is_set():
            raise TimeoutError
        if response.length and len(content) < MAX_ANSWER_BYTES:  # half of a refusal is none
            raise IncompleteRead(content, response.length)
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, content)

    def _proxy(self) -> SplitResult | None:
        proxies = getproxies()
        address = proxies.get("https" if self._https else "http") or proxies.get("all")
        if not address or self._host in _ASIDE or proxy_bypass(self._host):
            return None
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        if proxy.scheme != "http" or not proxy.hostname:
            raise UsageError("the address of a proxy begins with http://")
        return proxy

    def _proxy_headers(self) -> dict[str, str]:
        proxy = self._proxy()
        if not proxy or proxy.username is None:
            return {}
        name = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        return {"Proxy-Authorization": "Basic " + base64.b64encode(name.encode()).decode()}


def _shut(sock: socket.socket, over: threading.Event) -> None:
    over.set()
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
