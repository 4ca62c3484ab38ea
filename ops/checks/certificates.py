"""Certificates of the TLS servers that the settings name: for how long each is good."""

from __future__ import annotations

import math
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from cryptography import x509
from msgspec import Struct
from prometheus_client import REGISTRY
from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from psycopg.conninfo import conninfo_to_dict

from ops.checks import Finding, judged
from ops.settings import Settings
from schemas import brokers

LEAST_DAYS = 14
"""Fewer left are told as a fault: who renews them by a program does so earlier."""
_TIMEOUT_S = 3.0
_EVERY_S = 3600.0
_POSTGRES_SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


class Server(Struct, frozen=True):
    """A server with TLS; `of` says what it is. PostgreSQL is asked for TLS first."""

    of: str
    host: str
    port: int
    postgres: bool = False


def servers(settings: Settings) -> list[Server]:
    """Those that the settings name: the public address, brokers, PostgreSQL."""
    found = []
    public = urlsplit(settings.public_url)
    if public.scheme == "https" and public.hostname:
        found.append(Server(f"public address {public.hostname}", public.hostname, public.port or 443))
    kafka = brokers.read(settings.kafka) if settings.kafka else None
    if kafka and kafka.protocol.endswith("ssl"):
        for address in kafka.addresses.split(","):
            host, _, port = address.rpartition(":")
            found.append(Server(f"Kafka {address}", host.strip("[]"), int(port)))
    postgres = conninfo_to_dict(settings.postgres) if settings.postgres else {}
    mode = str(postgres.get("sslmode") or "prefer")
    if mode in ("require", "verify-ca", "verify-full"):
        host, port = str(postgres.get("host") or "localhost").split(",")[0], str(postgres.get("port") or 5432)
        found.append(Server(f"PostgreSQL {host}", host, int(port.split(",")[0]), postgres=True))
    return found


def ends(server: Server) -> datetime:
    """When the server's certificate ends. Whether it is to be trusted, those see who connect. Raises `OSError`,
    `ValueError`."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with socket.create_connection((server.host, server.port), _TIMEOUT_S) as plain:
        if server.postgres:
            plain.sendall(_POSTGRES_SSL_REQUEST)
            if plain.recv(1) != b"S":
                raise ValueError("it has no TLS")
        with context.wrap_socket(plain, server_hostname=server.host) as secured:
            encoded = secured.getpeercert(binary_form=True)
    if not encoded:
        raise ValueError("it shows no certificate")
    return x509.load_der_x509_certificate(encoded).not_valid_after_utc


def check(settings: Settings, now: datetime | None = None) -> Iterator[Finding]:
    """A finding for each server."""
    now = now or datetime.now(UTC)
    for server in servers(settings):
        name = f"certificate of {server.of}"
        try:
            until = ends(server)
        except (OSError, ValueError) as exc:
            yield Finding(name, f"not seen: {exc}", "see whether it answers, and with TLS")
            continue
        days = (until - now).days
        told = f"ends in {days} days, on {until:%Y-%m-%d}" if until > now else f"ended on {until:%Y-%m-%d}"
        yield judged(name, days >= LEAST_DAYS, told, "renew it, and have that done by a program (certbot, Caddy)")


class Collecting(Collector):
    """A metric of each, looked at anew once an hour; a server that does not answer is left out. +Inf where the settings
    name none."""

    def __init__(self, settings: Settings) -> None:
        self._servers = servers(settings)
        self._looked_at = float("-inf")
        self._ends: dict[str, datetime] = {}

    def describe(self) -> list[Metric]:
        return []  # so that registering asks nothing

    def collect(self) -> Iterator[Metric]:
        if time.monotonic() - self._looked_at > _EVERY_S:
            self._looked_at = time.monotonic()
            for server in self._servers:
                try:
                    self._ends[server.of] = ends(server)
                except (OSError, ValueError):
                    self._ends.pop(server.of, None)
        about = "When the certificate of a TLS server ends, in seconds of the epoch."
        told = GaugeMetricFamily("weboffice_certificate_ends_timestamp_seconds", about, labels=["of"])
        for of, until in self._ends.items():
            told.add_metric([of], until.timestamp())
        if not self._servers:
            told.add_metric(["none"], math.inf)
        yield told


def register(settings: Settings) -> None:
    """Once, by the process that serves the portal."""
    REGISTRY.register(Collecting(settings))
