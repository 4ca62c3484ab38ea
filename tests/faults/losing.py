"""Ways to lose a part of a log or of the read models, and what of it everybody has to say afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ops import topics as topic_set_up
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.postgres import EmbeddedPostgres
from schemas import brokers
from schemas.spans import Span, joined
from tests.faults.system import System
from tests.service import wait_until

Numbers = dict[tuple[str, str, str], set[int]]
"""(outlet, till, run) → numbers"""


class Copies:
    """Older data of Kafka or of PostgreSQL, kept while the server is stopped, and brought back in its place."""

    def __init__(self, system: System) -> None:
        self._system = system
        self._folder = system.folder / "copies"
        self._folder.mkdir(exist_ok=True)

    def keep(self, server: str) -> None:
        self._stopped(server, lambda data, copy: _copied(data, copy))

    def bring_back(self, server: str) -> None:
        self._stopped(server, lambda data, copy: _copied(copy, data))

    def _stopped(self, server: str, action: Callable[[Path, Path], None]) -> None:
        """Both servers stop cleanly and start on the same port."""
        servers: dict[str, EmbeddedKafka | EmbeddedPostgres] = {
            "kafka": self._system.broker,
            "postgres": self._system.database,
        }
        found = servers[server]
        found.stop()
        action(self._system.folder / "disks" / server / "data", self._folder / server)
        found.start()
        found.wait_ready()

    @contextlib.contextmanager
    def of_the_running_home(self) -> Iterator[tuple[EmbeddedKafka, EmbeddedPostgres]]:
        """Both servers once more, on a copy that was made while they ran; stopped and deleted at the end."""
        home = self._folder / f"home-{time.monotonic_ns()}"
        for server in ("kafka", "postgres"):
            _copied(self._system.folder / "disks" / server, home / server)
        kafka, postgres = EmbeddedKafka(home / "kafka", self._system.broker._cache), EmbeddedPostgres(home / "postgres")
        try:
            for one in (kafka, postgres):
                one.prepare()
                one.start()
            for one in (kafka, postgres):
                one.wait_ready()
            yield kafka, postgres
        finally:
            for one in (kafka, postgres):
                one.stop()
            shutil.rmtree(home)


def _copied(source: Path, target: Path) -> None:
    """A copy with owners, as `cp -a` makes it; files may vanish meanwhile."""
    if target.exists():
        for entry in target.iterdir():  # the folder itself may be where a disk is mounted
            shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink()
    target.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(["cp", "-a", f"{source}/.", str(target)], capture_output=True)
    assert done.returncode in (0, 1), done.stderr


def servers_alive(system: System) -> bool:
    """Whether both are the processes that they were."""
    return all(
        server.process is not None and psutil.pid_exists(server.process.pid) and server.process.poll() is None
        for server in (system.broker, system.database)
    )


def recreate(system: System, topic: str) -> None:
    """Deletes a topic and makes it again, as an operator may by a slip."""
    asyncio.run(_recreate(system, topic))


async def _recreate(system: System, topic: str) -> None:
    kafka = system.settings.kafka
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        await admin.delete_topics([topic])
        deadline = time.monotonic() + 60
        while topic in await admin.list_topics():
            assert time.monotonic() < deadline, "the topic is not deleted"
            await asyncio.sleep(0.1)
        await topic_set_up.ensure(kafka, system.settings)
        while topic not in await admin.list_topics():
            assert time.monotonic() < deadline, "the topic is not there"
            await asyncio.sleep(0.1)
    finally:
        await admin.close()


def delete_all(system: System, topic: str) -> None:
    """Deletes what a topic holds now, as its retention does in the end."""
    asyncio.run(_delete_all(system, topic))


async def _delete_all(system: System, topic: str) -> None:
    ends = await _ends(system, topic)
    admin = AIOKafkaAdminClient(**brokers.options(system.settings.kafka))
    await admin.start()
    try:
        await admin.delete_records(
            {TopicPartition(topic, number): RecordsToDelete(before_offset=end) for number, end in ends.items() if end}
        )
    finally:
        await admin.close()


def ends(system: System, topic: str) -> dict[int, int]:
    """The offset that comes next in each partition."""
    return asyncio.run(_ends(system, topic))


async def _ends(system: System, topic: str) -> dict[int, int]:
    consumer = AIOKafkaConsumer(**brokers.options(system.settings.kafka))
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(system.settings.partitions)]
        return {place.partition: end for place, end in (await consumer.end_offsets(places)).items()}
    finally:
        await consumer.stop()


def spans(numbers: Numbers) -> dict[tuple[str, str, str], list[Span]]:
    """As they are named: only runs that lost something."""
    return {run: joined((number, number) for number in held) for run, held in numbers.items() if held}


def named(lost: list[dict[str, Any]]) -> dict[tuple[str, str, str], list[Span]]:
    """What a command's answer names."""
    found: dict[tuple[str, str, str], list[Span]] = {}
    for one in lost:
        found.setdefault((one["outlet_id"], one["till_id"], one["run"]), []).append((one["from"], one["to"]))
    return {run: joined(of) for run, of in found.items()}


def numbers(named: dict[tuple[str, str, str], list[Span]]) -> Numbers:
    """Every number of the spans."""
    return {run: {number for first, last in of for number in range(first, last + 1)} for run, of in named.items()}


def exported(path: Path) -> dict[tuple[str, str, str], list[Span]]:
    """What the export of `log adopt events` has, documents and numbers without content."""
    found: dict[tuple[str, str, str], list[Span]] = {}
    for line in path.read_bytes().splitlines():
        one = msgspec.json.decode(line)
        first, last = (one["from"], one["to"]) if one["kind"] == "lost" else (one["first_seq"], one["last_seq"])
        found.setdefault((one["outlet_id"], one["till_id"], one["run"]), []).append((first, last))
    return {run: joined(of) for run, of in found.items()}


def wait_for_faults(system: System, topic: str, kinds: set[str]) -> dict[str, Any]:
    """Returns what `log show` says once it names faults of the topic, all of the kinds given."""
    answers: list[dict[str, Any]] = []

    def seen() -> bool:
        try:
            answers.append(system.service.command("log", "show", expect=1))
        except AssertionError as exc:
            if exc.args[0][0] not in (0, 3):
                raise
            return False
        return {one["fault"]["topic"] for one in answers[-1]["faults"]} == {topic}

    wait_until(seen, f"no fault of {topic} is shown", 120)
    assert {one["fault"]["kind"] for one in answers[-1]["faults"]} <= kinds, answers[-1]
    return answers[-1]
