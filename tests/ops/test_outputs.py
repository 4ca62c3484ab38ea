"""What servers and processes write is kept in bounded, rotated files, and says why a server does not start."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from ops import processes, settings
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.outputs import FILES_ASIDE_MAX, SIZE_BYTES_MAX, Output, RotatedLog
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable
from schemas.topics import Topics
from tests.faults.disk import Disk, needs_mount
from tests.infrastructure import open_folder
from tests.service import running, wait_until

MANY_LINES = """
import sys
for number in range(int(sys.argv[1])):
    print(f"{number} " + "x" * 1000)
print("\\x1b[31mthe last\\x1b[0m", file=sys.stderr)
"""


TALKS_ON = """
import sys, structlog
from ops import logs, settings
logs.configure(settings.read({}), "worker")
log = structlog.get_logger()
sys.stdin.readline()
for number in range(1000):
    log.info("answered", number=number)
print("done")
"""


@pytest.mark.usefixtures("programs")
def test_a_process_goes_on_where_nobody_reads_what_it_writes() -> None:
    """Its supervisor was killed: a log line that nobody takes fails no request."""
    process = subprocess.Popen(
        [sys.executable, "-c", TALKS_ON],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stderr.close()
    process.stdin.write("\n")
    process.stdin.close()
    with process.stdout:
        assert process.stdout.read() == "done\n"
    process.wait(60)


@pytest.mark.usefixtures("programs")
def test_a_process_that_writes_without_end_fills_no_disk(tmp_path: Path) -> None:
    """Past its bound a log is put aside, the oldest is dropped, and the newest lines are there, without colours."""
    limit, log = 50_000, tmp_path / "worker.log"
    with (tmp_path / "echo").open("wb") as echo:
        output = Output(RotatedLog(log, limit), echo)
        for lines in (1000, 10):  # once more: what was put aside stays
            with output.end() as end:
                process = processes.spawn([sys.executable, "-c", MANY_LINES, str(lines)], output=end)
            assert process.wait(60) == 0
            output.drain()
    files = sorted(tmp_path.glob("worker.log*"))
    assert [file.name for file in files] == ["worker.log", *[f"worker.log.{n + 1}" for n in range(FILES_ASIDE_MAX)]]
    assert all(file.stat().st_size <= limit for file in files)
    assert log.read_text().endswith(f"9 {'x' * 1000}\nthe last\n")
    assert len((tmp_path / "echo").read_bytes().splitlines()) == 1012
    assert output.last_lines().splitlines()[-1] == "\x1b[31mthe last\x1b[0m"


@needs_mount
@pytest.mark.usefixtures("programs")
def test_a_log_on_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    """Lines that can't be kept are dropped; the process goes on, and its last lines are told all the same."""
    with Disk(tmp_path / "disk", 1) as disk:
        output = Output(RotatedLog(disk.folder / "worker.log"))
        disk.fill()
        with output.end() as end:
            process = processes.spawn([sys.executable, "-c", MANY_LINES, "3000"], output=end)
        assert process.wait(60) == 0
        assert output.last_lines().endswith("the last\x1b[0m")


@needs_mount
@pytest.mark.usefixtures("programs")
def test_a_full_disk_has_room_for_the_note_of_a_process(tmp_path: Path) -> None:
    """A server that is started again on a full disk is known as ever; where no note was, it runs without one."""
    with Disk(tmp_path / "disk", 1) as disk:
        note, other = disk.folder / "pid.json", disk.folder / "other.json"
        first, second = (processes.spawn(["sleep", "100"], cwd=disk.folder) for _ in range(2))
        try:
            processes.remember(note, first)
            disk.fill()
            (disk.folder / "fill").write_bytes(b"x" * _room(disk.folder))
            processes.remember(note, second)
            processes.remember(other, second)
            known = processes.leftover(note)
            assert known is not None
            assert known.pid == second.pid
            assert processes.leftover(other) is None
        finally:
            for process in (first, second):
                processes.stop(process)


def _room(folder: Path) -> int:
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@pytest.mark.usefixtures("own_servers")
def test_a_broker_whose_port_is_taken_says_so() -> None:
    """It is not taken for ready because somebody else listens there; the log and the message have Kafka's own words."""
    with open_folder() as folder:
        broker = EmbeddedKafka(folder / "kafka", settings.read().cache)
        broker.prepare()
        with socket.create_server(("127.0.0.1", broker.port)), pytest.raises(InfrastructureUnreachable) as refused:
            _start(broker)
        assert "its port was taken in the meantime; start again" in str(refused.value)
        assert f"127.0.0.1:{broker.port}: Address already in use" in str(refused.value)
        assert "Address already in use" in (folder / "kafka" / "kafka.log").read_text()


@pytest.mark.usefixtures("own_servers")
def test_a_broker_with_damaged_files_says_which() -> None:
    """The message names the log, and quotes what Kafka says of the file."""
    with open_folder() as folder:
        broker = EmbeddedKafka(folder / "kafka", settings.read().cache)
        broker.prepare()
        (folder / "kafka" / "data" / "meta.properties").write_text("version=99\n")
        with pytest.raises(InfrastructureUnreachable) as refused:
            _start(broker)
        log = folder / "kafka" / "kafka.log"
        assert f"see {log}" in str(refused.value)
        assert "meta.properties" in str(refused.value)
        assert "meta.properties" in log.read_text()


@needs_mount
@pytest.mark.usefixtures("own_servers")
def test_a_broker_without_room_says_so() -> None:
    """Even though nothing of it can be written into its log."""
    with open_folder() as folder, Disk(folder / "disk", 200) as disk:
        broker = EmbeddedKafka(disk.folder / "kafka", settings.read().cache)
        broker.prepare()
        disk.fill()
        with pytest.raises(InfrastructureUnreachable, match="the disk of .* is full; free some space"):
            _start(broker)


@pytest.mark.usefixtures("own_servers")
def test_the_log_of_postgresql_is_bounded() -> None:
    """Warnings without end: the log is put aside at its bound."""
    with open_folder() as folder:
        database = EmbeddedPostgres(folder / "postgres")
        database.prepare()
        database.start()
        try:
            database.wait_ready()
            with psycopg.connect(database.address) as connection:
                lines = SIZE_BYTES_MAX // 10_000 + 100
                connection.execute("SET client_min_messages = error")
                warn = f"FOR n IN 1..{lines} LOOP RAISE WARNING '%', repeat('x', 10000); END LOOP"
                connection.execute(f"DO $$ BEGIN {warn}; END $$".encode())
        finally:
            database.stop()
        files = {file.name: file.stat().st_size for file in (folder / "postgres").glob("postgres.log*")}
        assert files.keys() == {"postgres.log", "postgres.log.1"}
        assert all(size <= SIZE_BYTES_MAX for size in files.values())
        assert "database system is shut down" in (folder / "postgres" / "postgres.log").read_text()


@pytest.mark.asvs("V16.2.3", "a process logs somewhere else than the runbook says")
def test_every_process_of_the_service_has_a_log_of_its_own(service_settings: Settings, topics: Topics) -> None:
    """What goes to the terminal is also in HOME/logs, one file for each part, as the runbook says."""
    logs = service_settings.home / "logs"
    names = ("web", "anonymise", "project", "import", "tell", "gateway")
    with running(service_settings) as service:
        pids = service.pids()
        # READY waits for those that figures depend on; what it does not wait for may not have said a word yet.
        files = [logs / f"{name}.log" for name in names]
        wait_until(lambda: all(file.exists() and file.stat().st_size for file in files), "a process says nothing", 60)
    assert {path.name for path in logs.iterdir()} == {f"{name}.log" for name in ("up", *names)}
    started = [json.loads(line) for line in (logs / "up.log").read_text().splitlines()]
    assert {line["service"]: line["pid"] for line in started if line["event"] == "process_started"} == pids
    for name in names:
        kept = (logs / f"{name}.log").read_text().splitlines()
        assert kept
        assert set(kept) <= set(service.log.read_text().splitlines())


def _start(broker: EmbeddedKafka) -> None:
    try:
        broker.start()
        broker.wait_ready()
    finally:
        broker.stop()
