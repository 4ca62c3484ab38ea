"""Where Kafka is and how it is reached, in one text, as a libpq URL is for PostgreSQL.

`host:port,…`, or `PROTOCOL://USER:PASSWORD@host:port,…?mechanism=…&ca=…`, where the protocol is Kafka's own word:
`ssl`, `sasl_ssl` or `sasl_plaintext`. User and password are percent-encoded. `mechanism` is SCRAM-SHA-512 (the
default), SCRAM-SHA-256 or PLAIN; `ca` a file of the certificates to trust, by default those of the system. Names of
hosts are verified.
"""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from msgspec import Struct

_PROTOCOLS = ("ssl", "sasl_ssl", "sasl_plaintext")
_MECHANISMS = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")


class Brokers(Struct, frozen=True):
    """The parts of such a text. `protocol` is empty where Kafka asks for nothing."""

    addresses: str
    protocol: str = ""
    user: str = ""
    password: str = ""
    mechanism: str = ""
    ca: str = ""

    def __str__(self) -> str:
        """The text that it was read from."""
        if not self.protocol:
            return self.addresses
        who = f"{quote(self.user, '')}:{quote(self.password, '')}@" if self.user else ""
        parameters = {name: value for name, value in (("mechanism", self.mechanism), ("ca", self.ca)) if value}
        return f"{self.protocol}://{who}{self.addresses}{'?' + urlencode(parameters) if parameters else ''}"


def read(text: str) -> Brokers:
    """The parts of a text. Raises `ValueError` that says what is wrong, without the secret."""
    protocol, found, rest = text.partition("://")
    if not found:
        return Brokers(_addresses(text))
    if protocol not in _PROTOCOLS:
        raise ValueError(f"{protocol!r} is not one of {', '.join(_PROTOCOLS)}")
    rest, _, query = rest.partition("?")
    who, at, addresses = rest.rpartition("@")
    user, _, password = who.partition(":")
    parameters = dict(parse_qsl(query, strict_parsing=True)) if query else {}
    if unknown := parameters.keys() - {"mechanism", "ca"}:
        raise ValueError(f"{', '.join(sorted(unknown))}: not a parameter; there are mechanism and ca")
    sasl = protocol.startswith("sasl_")
    mechanism = parameters.get("mechanism", _MECHANISMS[0]) if sasl else ""
    if sasl and (not user or not password):
        raise ValueError(f"{protocol} takes a user and a password: {protocol}://USER:PASSWORD@host:port")
    if at and not sasl:
        raise ValueError(f"{protocol} takes no user")
    if mechanism and mechanism not in _MECHANISMS:
        raise ValueError(f"{mechanism!r} is not one of {', '.join(_MECHANISMS)}")
    if protocol == "sasl_plaintext" and "ca" in parameters:
        raise ValueError("sasl_plaintext has no certificates: sasl_ssl, perhaps?")
    return Brokers(
        _addresses(addresses), protocol, unquote(user), unquote(password), mechanism, parameters.get("ca", "")
    )


def _addresses(text: str) -> str:
    for address in filter(None, text.split(",")):
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise ValueError(f"{address!r} is not host:port")
    return text


def addresses(kafka: str) -> str:
    """`host:port,…` alone: what may be shown and logged."""
    return read(kafka).addresses


def options(kafka: str) -> dict[str, Any]:
    """What a client of aiokafka is told about where Kafka is. Raises `OSError` where the certificates can't be read."""
    brokers = read(kafka)
    found: dict[str, Any] = {"bootstrap_servers": brokers.addresses}
    if brokers.protocol:
        found["security_protocol"] = brokers.protocol.upper()
    if brokers.user:
        found |= {"sasl_mechanism": brokers.mechanism, "sasl_plain_username": brokers.user}
        found["sasl_plain_password"] = brokers.password
    if context := ssl_context(brokers):
        found["ssl_context"] = context
    return found


def ssl_context(brokers: Brokers) -> ssl.SSLContext | None:
    """Verifies the broker's certificate and name; None where there is no TLS."""
    if not brokers.protocol.endswith("ssl"):
        return None
    context = ssl.create_default_context(cafile=brokers.ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
