"""`anonymise` as a real worker: one record for each, in order, no names, nothing lost over a kill."""

from __future__ import annotations

import asyncio
import json
import signal
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec
from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError

from ops import topics as topic_set_up
from ops.settings import Settings
from schemas import brokers, records
from schemas.records import Unreadable, UploadRecord
from schemas.topics import Topics
from streams.crash import UNEXPECTED
from streams.transport import GATHERED_BYTES
from tests.service import wait_until
from tests.streams.workers import contact_upload, raw, read_all, worker, write


async def _until(kafka: str, topic: str, count: int, partitions: int = 3) -> list[ConsumerRecord]:
    deadline = time.monotonic() + 45
    while len(found := await read_all(kafka, topic, partitions)) < count:
        assert time.monotonic() < deadline, f"{len(found)} of {count} records came"
        await asyncio.sleep(0.1)
    return found


async def test_names_are_shortened_and_an_unreadable_record_leaves_a_stub(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """Each source record gives exactly one record; the raw bytes of a broken one stay in an intake topic."""
    first, second = contact_upload(1, "Тестова Анна Примеровна"), contact_upload(1, "Примеров Пётр")
    headers = records.headers(kind="upload", outlet=first.outlet, till=first.till, run=first.run, first_seq=2, count=3)
    broken = (0, first.outlet.encode(), b'{"v":99,"kind":"upload"}', headers)
    await write(kafka, topics.uploads, [raw(first), broken, raw(second, 1)])
    with worker("anonymise", service_settings, tmp_path / "log"):
        found = await _until(kafka, topics.events, 3)
        kept = await _until(kafka, topics.unreadable, 1)
    by_partition = [[r for r in found if r.partition == number] for number in range(3)]
    assert [len(of) for of in by_partition] == [2, 1, 0]
    copy, stub = (records.decode(r.value) for r in by_partition[0])
    assert isinstance(copy, UploadRecord)
    assert copy.events[0].name == "Тестова А.П."  # type: ignore[union-attr]
    assert isinstance(stub, Unreadable)
    assert (stub.run, stub.first_seq, stub.count, stub.source_offset) == (first.run, 2, 3, 1)
    assert records.origin(by_partition[0][1].headers).source_offset == 1
    assert kept[0].value == broken[2]
    assert "Анна" not in (tmp_path / "log").read_text()


async def test_a_killed_worker_goes_on_where_the_output_ends(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """kill -9 in the middle, then another worker: every source offset is there, first copies in order."""
    uploads = [raw(contact_upload(1, "Тестов"), number % 3) for number in range(600)]
    await write(kafka, topics.uploads, uploads[:300])
    with worker("anonymise", service_settings, tmp_path / "log") as first:
        await _until(kafka, topics.events, 1)
        first.send_signal(signal.SIGKILL)
        first.wait()
    await write(kafka, topics.uploads, uploads[300:])
    with worker("anonymise", service_settings, tmp_path / "log"):
        found = await _until(kafka, topics.events, 600)
    for partition in range(3):
        sources = [records.origin(r.headers).source_offset for r in found if r.partition == partition]
        assert list(dict.fromkeys(sources)) == list(range(200))


async def test_a_hole_that_opens_in_the_intake_ends_the_worker(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """Where the next source record goes while a worker stands still, it ends instead of going on past the hole."""
    with worker("anonymise", service_settings, tmp_path / "log") as process:
        await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов")) for _ in range(3)])
        await _until(kafka, topics.events, 3)
        process.send_signal(signal.SIGSTOP)
        # More than Kafka gathers before it answers the request that is on its way.
        many = [raw(contact_upload(1, "Тестов")) for _ in range(200)]
        assert sum(len(value or b"") for _, _, value, _ in many) > GATHERED_BYTES
        await write(kafka, topics.uploads, many)
        await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов")) for _ in range(4)])
        await _delete_before(kafka, topics.uploads, 3 + 200 + 3)
        process.send_signal(signal.SIGCONT)
        deadline = time.monotonic() + 45
        while process.poll() is None:
            assert time.monotonic() < deadline, "the worker went on"
            await asyncio.sleep(0.1)
    assert process.returncode == UNEXPECTED
    assert "SourceHole" in (tmp_path / "log").read_text()


async def test_kafka_is_told_how_far_a_worker_is(
    kafka: str, topics: Topics, service_settings: Settings, tmp_path: Path
) -> None:
    """For tools that show a group's lag; nothing goes by it here."""
    await write(kafka, topics.uploads, [raw(contact_upload(1, "Тестов"), number % 3) for number in range(7)])
    with worker("anonymise", service_settings, tmp_path / "log"):
        deadline = time.monotonic() + 45
        while await _committed(kafka, f"{topics.prefix}anonymise") != {0: 3, 1: 2, 2: 2}:
            assert time.monotonic() < deadline, "the group's offsets were not told"
            await asyncio.sleep(0.2)


async def _committed(kafka: str, group: str) -> dict[int, int]:
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
    except KafkaError:  # the group is not there yet
        return {}
    finally:
        await admin.close()
    return {partition.partition: told.offset for partition, told in found.items() if told.offset >= 0}


async def _delete_before(kafka: str, topic: str, offset: int) -> None:
    admin = AIOKafkaAdminClient(**brokers.options(kafka))
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()


async def test_of_two_workers_on_one_partition_one_has_none_and_takes_over(
    kafka: str, service_settings: Settings, tmp_path: Path
) -> None:
    """It says that it has none; when the other is killed the partition is its own, and every record is copied."""
    settings = msgspec.structs.replace(service_settings, partitions=1)
    await topic_set_up.ensure(kafka, settings)
    uploads = [raw(contact_upload(1, "Тестов")) for _ in range(20)]
    logs = {name: tmp_path / name for name in ("one", "other")}
    with worker("anonymise", settings, logs["one"]) as one, worker("anonymise", settings, logs["other"]) as other:
        processes = {"one": one, "other": other}
        await asyncio.to_thread(wait_until, lambda: len(_holders(logs)) == 1 and len(_without(logs)) == 1, "no rest")
        await write(kafka, settings.topics.uploads, uploads[:10])
        await _until(kafka, settings.topics.events, 10, partitions=1)
        [holder], [idle] = _holders(logs), _without(logs)
        processes[holder].kill()
        await write(kafka, settings.topics.uploads, uploads[10:])
        found = await _until(kafka, settings.topics.events, 20, partitions=1)
        assert processes[idle].poll() is None
    assert {records.origin(record.headers).source_offset for record in found} == set(range(20))


def _last_assignment(log: Path) -> str:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return str([line["positions"] for line in lines if line["event"] == "partitions_assigned"][-1:])


def _holders(logs: Mapping[str, Path]) -> list[str]:
    return [name for name, log in logs.items() if "'0'" in _last_assignment(log)]


def _without(logs: Mapping[str, Path]) -> list[str]:
    return [name for name, log in logs.items() if _last_assignment(log) == "[{}]"]
