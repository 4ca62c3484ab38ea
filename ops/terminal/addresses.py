"""Which address of a service others can open: one that listens everywhere has that of this machine in its network."""

from __future__ import annotations

import socket
from ipaddress import ip_address
from urllib.parse import urlsplit, urlunsplit

_NOBODY = ("192.0.2.1", 9)
"""An address for documents (RFC 5737). A UDP socket that is connected sends nothing: it tells the way out."""


def reachable(url: str) -> str:
    """The URL with this machine's own address in place of 0.0.0.0."""
    parts = urlsplit(url)
    if parts.hostname != "0.0.0.0":
        return url
    host = "127.0.0.1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        try:
            way.connect(_NOBODY)
            host = way.getsockname()[0]
        except OSError:
            pass  # no network: then this machine alone
    return urlunsplit(parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host))


def on_network(url: str) -> bool:
    """Whether others than this machine can reach the URL."""
    host = urlsplit(url).hostname or ""
    try:
        return not ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"
