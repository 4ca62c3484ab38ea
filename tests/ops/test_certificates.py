"""`doctor` and a metric tell for how long certificates are good."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import msgspec
import pytest

from ops import settings as service_settings
from ops.checks import certificates
from ops.settings import Settings
from tests.ops.tls import certificates as made

pytestmark = pytest.mark.usefixtures("programs")


@contextlib.contextmanager
def served(folder: Path, postgres: bool = False) -> Iterator[int]:
    """The port of a server that does the beginning of TLS, as PostgreSQL does it where asked."""
    found = made(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(found.chain, found.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client, _ = listening.accept()
                    if postgres:
                        client.recv(8)
                        client.sendall(b"S")
                    with contextlib.suppress(OSError), context.wrap_socket(client, server_side=True) as secured:
                        secured.recv(1)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def settings(**values: str) -> Settings:
    return msgspec.structs.replace(service_settings.read({}), **values)


def test_doctor_tells_days(tmp_path: Path) -> None:
    """A day is too few, and a year later it is over; a server that does not answer is told, and one in the clear is not
    looked at."""
    with served(tmp_path) as port:
        addresses = settings(public_url=f"https://127.0.0.1:{port}", kafka=f"ssl://127.0.0.1:{port}")
        found = list(certificates.check(addresses))
        assert [finding.check for finding in found] == [
            "certificate of public address 127.0.0.1",
            f"certificate of Kafka 127.0.0.1:{port}",
        ]
        assert all("renew" in finding.mend and "on 20" in finding.found for finding in found)
        [after, _] = certificates.check(addresses, datetime.now(UTC) + timedelta(days=365))
        assert after.found.startswith("ended on")
        [before, _] = certificates.check(addresses, datetime.now(UTC) - timedelta(days=30))
        assert before.ok
        [metric] = certificates.Collecting(addresses).collect()
        assert len(metric.samples) == 2
        assert all(sample.value > datetime.now(UTC).timestamp() for sample in metric.samples)
    [away, _] = certificates.check(addresses)
    assert away.found.startswith("not seen")
    in_the_clear = settings(public_url="http://office.test", kafka="127.0.0.1:9", postgres="postgresql://127.0.0.1/x")
    assert list(certificates.check(in_the_clear)) == []


def test_postgresql_is_asked_for_tls_first(tmp_path: Path) -> None:
    with served(tmp_path, postgres=True) as port:
        url = f"postgresql://weboffice@127.0.0.1:{port}/weboffice?sslmode=require"
        [found] = certificates.check(settings(postgres=url))
        assert found.check == "certificate of PostgreSQL 127.0.0.1"
        assert "ends in 0 days" in found.found
