"""Where a browser's push service takes messages: an address that the browser names, so it is not to be trusted.

Only https, and never into a private network: else whoever signs in could have the service call what stands beside it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from urllib.parse import urlsplit

from msgspec import Struct

LONGEST = 1000
_PORT = 443
_TUNNELS = [ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")]
"""Addresses that lead to an IPv4 address inside them."""


class Endpoint(Struct, frozen=True):
    """The parts of an address: `origin` is what a signature is for, `target` what is asked for there."""

    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        return self.host if self.port == _PORT else f"{self.host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"https://{self.authority}"


def parsed(text: str, networks: Sequence[str]) -> Endpoint | None:
    """None for what is no push service's address. With private `networks` allowed any port is."""
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > LONGEST:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port or _PORT
    except ValueError:
        return None
    if parts.scheme != "https" or not host or "@" in parts.netloc or (port != _PORT and not networks):
        return None
    try:
        literal = ipaddress.ip_address(host)
    except ValueError:
        if not networks and ("." not in host.strip(".") or host.endswith((".local", ".internal", ".localhost"))):
            return None
    else:
        if literal.version == 6 or not is_allowed(str(literal), networks):
            return None
    return Endpoint(host, port, (parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


def is_allowed(address: str, networks: Sequence[str]) -> bool:
    """Whether messages may go to a network address: a public one, or one in `networks`."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    allowed = [ipaddress.ip_network(network, strict=False) for network in networks]
    if any(ip in network for network in allowed if network.version == ip.version):
        return True
    tunnel = any(ip in network for network in _TUNNELS if network.version == ip.version)
    return ip.is_global and not ip.is_multicast and not tunnel
