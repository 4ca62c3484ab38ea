"""E-mail addresses and network addresses as accounts and limits know them."""

from __future__ import annotations

import ipaddress
import re

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")


def email(text: str) -> str | None:
    """The address in the one spelling that is kept (lower case), or None where it can't be one.

    Whether it is somebody's, only a letter to it can tell.
    """
    address = text.strip().lower()
    return address if len(address) <= 254 and _EMAIL.fullmatch(address) else None


def network(host: str | None) -> str:
    """What one visitor has alone: an IPv4 address, or the /64 of an IPv6 address, of which each has 2⁶⁴."""
    try:
        address = ipaddress.ip_address(host or "")
    except ValueError:
        return host or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)
