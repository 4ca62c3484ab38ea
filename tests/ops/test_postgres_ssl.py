"""A PostgreSQL with TLS of its own (`ssl = on`), where the machine has one: Debian's package `postgresql`."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from msgspec import Struct
from psycopg.conninfo import make_conninfo

from ops import processes
from ops.infrastructure.ports import free_port
from ops.reachable import postgres_answers
from tests.infrastructure import open_folder
from tests.ops.tls import PASSWORD, Certificates, certificates
from tests.service import wait_until

_PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None, key=lambda path: int(path.parent.name))
_USER = "postgres" if os.geteuid() == 0 else None
pytestmark = pytest.mark.skipif(_PROGRAMS is None, reason="no PostgreSQL with TLS here: apt-get install postgresql")


class Served(Struct, frozen=True):
    """Its URL, with TLS and whom to trust, and its certificates."""

    url: str
    certificates: Certificates


@pytest.fixture
def served(own_servers: None) -> Iterator[Served]:
    """Asks for TLS and a password; without TLS it takes nobody."""
    assert _PROGRAMS is not None
    with open_folder() as folder:
        found, data, port = certificates(folder), folder / "ssl", free_port()
        (folder / "password").write_text(PASSWORD)
        data.mkdir(mode=0o700)
        for name, source in (("chain.pem", found.chain), ("key.pem", found.key)):
            shutil.copy(source, folder / f"of-server-{name}")
            (folder / f"of-server-{name}").chmod(0o600)
        if _USER:
            folder.chmod(0o755)
            (folder / "password").chmod(0o644)
            for path in (data, *folder.glob("of-server-*")):
                shutil.chown(path, _USER)
        made = ["-D", str(data), "-U", "office", "-A", "scram-sha-256", f"--pwfile={folder / 'password'}", "-N"]
        subprocess.run([_PROGRAMS / "initdb", *made], user=_USER, check=True, capture_output=True, cwd="/")
        (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        settings = {"ssl": "on", "ssl_cert_file": f"{folder}/of-server-chain.pem", "unix_socket_directories": ""}
        settings |= {"ssl_key_file": f"{folder}/of-server-key.pem", "listen_addresses": "127.0.0.1", "port": str(port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with (folder / "ssl.log").open("wb") as log:
            server = subprocess.Popen([_PROGRAMS / "postgres", "-D", data, *options], user=_USER, stderr=log, cwd="/")
        try:
            url = make_conninfo(
                host="localhost",
                port=port,
                user="office",
                password=PASSWORD,
                dbname="postgres",
                sslmode="verify-full",
                sslrootcert=str(found.ca),
            )
            wait_until(lambda: _answers(url), f"it does not answer: {(folder / 'ssl.log').read_text()}", 60)
            yield Served(url, found)
        finally:
            processes.stop(server)


def _answers(url: str) -> bool:
    return asyncio.run(postgres_answers(url))


@pytest.mark.asvs("V12.3.2", "sslmode and sslrootcert of a URL do not reach PostgreSQL's client")
def test_postgres_with_tls_of_its_own_is_verified(served: Served) -> None:
    """The connection is encrypted by TLS 1.2 or 1.3; without TLS, with another authority's certificates, under another
    name or with another password there is none."""
    with psycopg.connect(served.url) as connection:
        row = connection.execute("SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert row is not None
    assert row[0] is True
    assert row[1] in ("TLSv1.2", "TLSv1.3")
    for wrong in (
        {"sslmode": "disable", "sslrootcert": None},
        {"sslrootcert": str(served.certificates.other)},
        {"host": "127.0.0.1"},
        {"password": "another"},
    ):
        assert not _answers(make_conninfo(served.url, **wrong)), wrong
