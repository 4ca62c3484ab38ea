"""`uploads` that was deleted and made again, or that has a hole, under real workers: nothing is lost in silence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import psycopg
import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from ops import topics as topic_set_up
from ops.provisioning import provision
from ops.settings import Settings
from schemas import brokers, records
from schemas.log import partition_of
from schemas.topics import Topics
from tests.projections.tables import Tables
from tests.service import wait_until
from tests.streams.workers import contact_upload, raw, read_all, worker, write


async def test_uploads_deleted_and_made_again_stop_copying_until_they_are_adopted(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """The worker says what happened and waits; after `log adopt uploads` every record of the new topic is copied."""
    log = tmp_path / "log"
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов"), number % 3) for number in range(30)])
    with kept("anonymise", service_settings, log):
        await _until(kafka, topics.events, 30)
        await recreate(kafka, topics.uploads, service_settings)
        # As many as before and more: by their offsets alone, the first ones look as if they were copied.
        fresh = [raw(contact_upload(1, "Примеров"), number % 3) for number in range(45)]
        await write(kafka, topics.uploads, fresh)
        await asyncio.to_thread(wait_until, lambda: len(_stopped(log)) == 3, "not all partitions were stopped")
        assert _stopped(log) == {0: "replaced", 1: "replaced", 2: "replaced"}
        assert len(await read_all(kafka, topics.events)) == 30
        shown = await asyncio.to_thread(_weboffice, service_settings, "log", "show", code=1)
        replaced = {(topics.uploads, "replaced")}
        assert {(one["fault"]["topic"], one["fault"]["kind"]) for one in shown["faults"]} == replaced
        for proof in ("ledger", "verify"):  # what is not copied is nothing that they could see
            answer = await asyncio.to_thread(_weboffice, service_settings, proof, code=1)
            assert {(one["fault"]["topic"], one["fault"]["kind"]) for one in answer["faults"]} == replaced
        await asyncio.to_thread(_weboffice, service_settings, "log", "adopt", "uploads", "--reason", "a slip")
        found = await _until(kafka, topics.events, 30 + 3 + 45)
    keys = {key for _, key, _, _ in fresh}
    assert {record.key for record in found if record.key in keys} == keys
    assert (await asyncio.to_thread(_weboffice, service_settings, "log", "show"))["faults"] == []


async def test_uploads_replaced_while_nobody_looks_are_noticed_at_the_start(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """A worker that starts after the replacement copies nothing, and goes on by itself once it is adopted."""
    log = tmp_path / "log"
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов")) for _ in range(10)])
    with worker("anonymise", service_settings, log):
        await _until(kafka, topics.events, 10)
    await recreate(kafka, topics.uploads, service_settings)
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Примеров")) for _ in range(4)])
    with worker("anonymise", service_settings, log) as process:
        await asyncio.to_thread(wait_until, lambda: _stopped(log) == {0: "replaced"}, "it was not noticed")
        await asyncio.to_thread(_weboffice, service_settings, "log", "adopt", "uploads", "--reason", "a slip")
        await asyncio.to_thread(wait_until, lambda: process.poll() is not None, "the worker does not begin again")
        assert process.returncode == 0
    with worker("anonymise", service_settings, log):
        await _until(kafka, topics.events, 10 + 1 + 4)


async def test_a_hole_in_one_partition_stops_that_one_until_it_is_passed(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """The others are copied; `log pass-hole` goes on past the hole, says how many records are lost, and names outlets
    whose uploads stand there, and the numbers that later ones show to be missing."""
    log = tmp_path / "log"
    account = provision(service_settings.postgres, "owner@example.org", [f"Лавка {number}" for number in range(9)])
    ids = [outlet["outlet_id"] for outlet in account["outlets"]]
    concerned = sorted(outlet for outlet in ids if partition_of(outlet.encode(), 3) == 1)
    outlet, till, run = concerned[0], str(uuid4()), str(uuid4())
    of_run = [contact_upload(number, "Примеров", outlet) for number in range(1, 8)]
    in_order = [raw(msgspec.structs.replace(upload, till=till, run=run), 1) for upload in of_run]
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов"), number % 2 * 2) for number in range(4)])
    await write(kafka, topics.uploads, in_order[:2])
    with worker("anonymise", service_settings, log):
        await _until(kafka, topics.events, 6)
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Примеров"), number % 2 * 2) for number in range(10)])
    await write(kafka, topics.uploads, in_order[2:])
    await _delete_before(kafka, topics.uploads, 1, 5)
    with worker("anonymise", service_settings, log) as process:
        await _until(kafka, topics.events, 6 + 10)
        assert _stopped(log) == {1: "hole"}
        assert process.poll() is None
        answer = await asyncio.to_thread(_weboffice, service_settings, "log", "pass-hole", "--reason", "retention")
        [hole] = answer["holes"]
        assert hole["outlets"] == concerned
        assert hole["lost"] == [{"outlet_id": outlet, "till_id": till, "run": run, "from": 3, "to": 5}]
        [decided] = [one["decision"] for one in answer["decided"]]
        assert (decided["partition"], decided["was_next"], decided["source_next"]) == (1, 2, 5)
        await asyncio.to_thread(wait_until, lambda: process.poll() is not None, "the worker does not begin again")
    with worker("anonymise", service_settings, log):
        found = await _until(kafka, topics.events, 6 + 10 + 1 + 2)
    copied = [records.origin(record.headers).source_offset for record in found if record.partition == 1]
    assert copied == [0, 1, -1, 5, 6]


@pytest.mark.parametrize("older", [False, True], ids=["with ids", "as copied before ids were kept"])
async def test_a_topic_without_the_copied_record_is_another_one(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path, older: bool
) -> None:
    """What 0.1.0 copied bears no id: the record that was copied last tells one topic from another all the same."""
    upload = raw(contact_upload(1, "Тестов"))
    where = [("source_offset", b"1")] + (
        [] if older else [("source_topic_id", b"a1b2c3d4-0000-4000-8000-000000000000")]
    )
    await write(kafka, topics.events, [(*upload[:3], [*upload[3], *where])])
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Примеров")) for _ in range(5)])
    log = tmp_path / "log"
    with worker("anonymise", service_settings, log):
        await asyncio.to_thread(wait_until, lambda: bool(_stopped(log)), "it was not noticed")
    assert _stopped(log) == {0: "rewritten" if older else "replaced"}


async def test_read_models_that_came_back_older_are_brought_up_to_date(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """Under a running worker, and although nothing new comes: it notices that what it did is gone, and does it anew."""
    uploads = [contact_upload(1, "Тестов") for _ in range(6)]
    await write(kafka, topics.events, [raw(upload, number % 3) for number, upload in enumerate(uploads)])
    with psycopg.connect(service_settings.postgres, autocommit=True) as database:

        def all_there() -> bool:
            return database.execute("SELECT count(*) FROM gen_1.contacts").fetchone() == (6,)

        with kept("project", service_settings, tmp_path / "log"):
            await asyncio.to_thread(wait_until, all_there, "nothing is applied")
            Tables(database).empty()
            await asyncio.to_thread(wait_until, all_there, "what is gone is not applied again")
    assert "positions_went_back" in (tmp_path / "log").read_text()


async def test_an_events_topic_made_again_is_filled_again(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """What `uploads` still holds is copied anew under a running worker, although nothing new comes."""
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов"), number % 3) for number in range(9)])
    with kept("anonymise", service_settings, tmp_path / "log"):
        await _until(kafka, topics.events, 9)
        await recreate(kafka, topics.events, service_settings)
        found = await _until(kafka, topics.events, 9)
    assert sorted(records.origin(record.headers).source_offset for record in found) == [0, 0, 0, 1, 1, 1, 2, 2, 2]


@contextlib.contextmanager
def kept(name: str, settings: Settings, log: Path) -> Iterator[None]:
    """A worker that is started again whenever it ends, as a supervisor does."""
    over = threading.Event()

    def keep() -> None:
        while not over.is_set():
            with worker(name, settings, log) as process:
                while process.poll() is None and not over.wait(0.1):
                    pass

    thread = threading.Thread(target=keep)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


async def recreate(kafka: str, topic: str, settings: Settings) -> None:
    """Deletes a topic and makes it again, as an operator may by a slip."""
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        await admin.delete_topics([topic])
        deadline = time.monotonic() + 30
        while topic in await admin.list_topics():
            assert time.monotonic() < deadline, "the topic is not deleted"
            await asyncio.sleep(0.1)
        await topic_set_up.ensure(kafka, settings)
        while topic not in await admin.list_topics():  # a broker learns of it a moment later
            assert time.monotonic() < deadline, "the topic is not there"
            await asyncio.sleep(0.1)
    finally:
        await admin.close()


async def _delete_before(kafka: str, topic: str, partition: int, offset: int) -> None:
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, partition): RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()


async def _until(kafka: str, topic: str, count: int) -> Sequence[Any]:
    deadline = time.monotonic() + 60
    while len(found := await read_all(kafka, topic)) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} records came"
        await asyncio.sleep(0.2)
    return found


def _stopped(log: Path) -> dict[int, str]:
    """Partition → fault, as the worker told last."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    found = [line for line in lines if line["event"] == "log_stopped" and line["fault"] != "missing"]
    return {int(line["place"].rsplit("/", 1)[1]): line["fault"] for line in found}


def _weboffice(settings: Settings, *arguments: str, code: int = 0) -> Any:
    """A command as its own process; its answer as JSON."""
    environment = {
        **os.environ,
        "WEBOFFICE_KAFKA": settings.kafka,
        "WEBOFFICE_POSTGRES": settings.postgres,
        "WEBOFFICE_TOPIC_PREFIX": settings.topics.prefix,
        "WEBOFFICE_HOME": str(settings.home),
    }
    process = subprocess.run(
        [sys.executable, "-m", "ops", *arguments, "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert process.returncode == code, process.stderr
    return json.loads(process.stdout)
