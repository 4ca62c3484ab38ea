"""A copy of a home, even one made while its servers run, starts beside the original and leaves its processes alone."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from ops import processes, running, settings, topics
from ops.infrastructure.embedded import Infrastructure
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.running import Running
from ops.settings import Settings
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from tests.infrastructure import open_folder


@contextlib.contextmanager
def started(found: Settings) -> Iterator[Infrastructure]:
    infrastructure = Infrastructure(found)
    infrastructure.start()
    try:
        yield infrastructure
    finally:
        infrastructure.stop()


@contextlib.contextmanager
def bystander(folder: Path, user: int | None = None) -> Iterator[psutil.Process]:
    """A process that has nothing to do with us."""
    process = subprocess.Popen(["sleep", "600"], cwd=folder, user=user)
    try:
        yield psutil.Process(process.pid)
    finally:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("own_servers")
def test_a_copy_of_a_running_home_starts_beside_it() -> None:
    """Both have what was written before the copy, each takes writes of its own, neither ends the other's servers."""
    with open_folder() as folder, started(_home(folder / "original")) as original:
        asyncio.run(topics.ensure(original.kafka, _home(folder / "original")))
        _write(original, "before")
        ids = _ids(original)
        subprocess.run(["cp", "-a", folder / "original", folder / "copy"], check=True)
        with started(_home(folder / "copy")) as copy:
            assert (copy.kafka, copy.postgres) != (original.kafka, original.postgres)
            _write(original, "of the original")
            _write(copy, "of the copy")
            assert _ids(original) == ids
            assert not ids & _ids(copy)
            assert _read(copy) == (["before", "of the copy"], ["before", "of the copy"])
        assert _ids(original) == ids
        assert _read(original) == (["before", "of the original"], ["before", "of the original"])


@pytest.mark.nightly
@pytest.mark.usefixtures("own_servers")
def test_a_copy_leaves_the_ports_of_the_original_alone() -> None:
    """Even where they are free for a moment: clients of the original would go on with the broker of the copy."""
    with open_folder() as folder:
        with started(_home(folder / "original")) as original:
            address = original.kafka
        subprocess.run(["cp", "-a", folder / "original", folder / "copy"], check=True)
        with started(_home(folder / "copy")) as copy:
            assert copy.kafka != address
        with started(_home(folder / "original")) as again:
            assert again.kafka == address


@pytest.mark.usefixtures("programs")
def test_a_process_is_ended_only_where_it_works_in_our_folder(tmp_path: Path) -> None:
    """A note whose id and moment of creation fit another home's process is no reason to end that."""
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    for folder in (ours / "data", theirs / "data"):
        folder.mkdir(parents=True)
    note = ours / "pid.json"
    for place, is_ours in ((theirs / "data", False), (tmp_path, False), (ours, True), (ours / "data", True)):
        with bystander(place) as process:
            note.write_text(json.dumps({"pid": process.pid, "created": process.create_time()}))
            processes.end_leftover(note)
            ended = process.status() == psutil.STATUS_ZOMBIE if process.is_running() else True
            assert ended == is_ours, place
            assert not note.exists()


@pytest.mark.usefixtures("own_servers")
def test_a_database_starts_although_its_lock_names_a_process_of_somebody_else() -> None:
    """After a crash the id in PostgreSQL's lock may be used again: PostgreSQL alone would refuse to start for ever."""
    with open_folder() as folder:
        database = EmbeddedPostgres(folder / "postgres")
        database.prepare()
        owner = (folder / "postgres" / "data").stat().st_uid  # of another user's process PostgreSQL thinks nothing
        with bystander(Path("/"), owner) as process:
            _lock(folder, process.pid, folder / "postgres" / "data")
            try:
                database.prepare()
                database.start()
                database.wait_ready()
                assert process.is_running()
            finally:
                database.stop()


@pytest.mark.usefixtures("programs")
def test_what_runs_in_the_original_is_not_taken_for_the_copys(tmp_path: Path) -> None:
    """Commands in the copy would otherwise work on the original's data."""
    original, copy = tmp_path / "original", tmp_path / "copy"
    running.write(original, Running(os.getpid(), "127.0.0.1:1", "postgresql:///x", "http://127.0.0.1:2"))
    assert running.address(original) == "http://127.0.0.1:2"
    subprocess.run(["cp", "-a", original, copy], check=True)
    assert running.address(copy) is None
    with pytest.raises(InfrastructureUnreachable, match=f"nothing runs in {copy}"):
        running.services(_home(copy))


@pytest.mark.usefixtures("programs")
def test_what_ran_before_its_id_was_used_again_is_not_taken_to_run(tmp_path: Path) -> None:
    """An id alone says nothing: after a crash another process may have it."""
    with bystander(tmp_path) as process:
        running.write(tmp_path, Running(process.pid, "127.0.0.1:1", "postgresql:///x", "http://127.0.0.1:2"))
        assert running.read(tmp_path) is not None
        noted = json.loads((tmp_path / "run.json").read_text())
        (tmp_path / "run.json").write_text(json.dumps(noted | {"created": noted["created"] - 100}))
        assert running.read(tmp_path) is None


def _home(folder: Path) -> Settings:
    return settings.read({"WEBOFFICE_HOME": str(folder), "WEBOFFICE_PARTITIONS": "1"})


def _lock(folder: Path, pid: int, data: Path) -> None:
    """As a server that was killed leaves it behind."""
    lines = [str(pid), str(data), "1750000000", "5432", str(folder / "postgres" / "socket"), ""]
    for path in (data / "postmaster.pid", folder / "postgres" / "socket" / ".s.PGSQL.5432.lock"):
        path.write_text("\n".join(lines) + "\n")
        path.chmod(0o600)
        entry = data.stat()
        os.chown(path, entry.st_uid, entry.st_gid)


def _ids(infrastructure: Infrastructure) -> set[int]:
    """The process ids of both servers, which must run."""
    found = set()
    for server in (infrastructure.embedded_kafka, infrastructure.embedded_postgres):
        assert server is not None
        assert server.process is not None
        assert server.process.poll() is None
        found.add(server.process.pid)
    return found


def _write(infrastructure: Infrastructure, text: str) -> None:
    async def send() -> None:
        async with AIOKafkaProducer(**brokers.options(infrastructure.kafka), enable_idempotence=True) as producer:
            await producer.send_and_wait("events", text.encode(), partition=0)

    asyncio.run(send())
    with psycopg.connect(infrastructure.postgres) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int GENERATED ALWAYS AS IDENTITY, text text)")
        connection.execute("INSERT INTO kept (text) VALUES (%s)", (text,))


def _read(infrastructure: Infrastructure) -> tuple[list[str], list[str]]:
    """All records and all rows."""

    async def values() -> list[str]:
        place = TopicPartition("events", 0)
        async with AIOKafkaConsumer(**brokers.options(infrastructure.kafka), auto_offset_reset="earliest") as consumer:
            consumer.assign([place])
            end = (await consumer.end_offsets([place]))[place]
            async with asyncio.timeout(30):
                return [((await consumer.getone()).value or b"").decode() for _ in range(end)]

    with psycopg.connect(infrastructure.postgres) as connection:
        rows = [text for (text,) in connection.execute("SELECT text FROM kept ORDER BY number")]
    return asyncio.run(values()), rows
