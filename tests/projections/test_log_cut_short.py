"""`events` shorter than what was applied of it: named as that, never taken for damaged rows, and gone on with."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from ops import settings as settings_of
from ops import topics as topic_set_up
from ops.cli import NO
from ops.commands.log import write_export
from ops.infrastructure.kafka import EmbeddedKafka
from ops.settings import Settings
from projections.apply.engine import Engine
from projections.apply.outcome import PositionConflict
from projections.generations import register
from projections.generations.fits import LogLost
from projections.proof.ledger import ledger
from projections.proof.verify import verify
from projections.replay.adopt import Adopted, adopt
from projections.replay.rebuild import Wish, rebuild
from projections.replay.replay import Source
from projections.replay.switching import switch
from schemas.log import LogRecord
from schemas.records import encode
from schemas.topics import Topics
from tests.infrastructure import open_folder
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from tests.projections.world import sales
from tests.streams.test_log_lost import recreate

BEFORE, AFTER = 4, 9
"""Uploads of one sale each that were in the log when Kafka was copied, and afterwards."""


class Broker:
    """A Kafka of the test's own, whose data can be kept and brought back, as from a backup or after a power loss."""

    def __init__(self, home: Path) -> None:
        self.server = EmbeddedKafka(home, settings_of.read({}).cache)
        self._data, self._kept = home / "data", home / "kept"
        self.server.prepare()
        self.server.start()
        self.server.wait_ready(timeout=240)

    def keep(self) -> None:
        """Copies the data as it is now."""
        self._stopped(lambda: shutil.copytree(self._data, self._kept))

    def bring_back(self) -> None:
        """The data as it was when it was kept."""

        def swap() -> None:
            shutil.rmtree(self._data)
            shutil.copytree(self._kept, self._data)

        self._stopped(swap)

    def _stopped(self, action: Callable[[], Any]) -> None:
        self.server.stop()
        action()
        self.server.start()
        self.server.wait_ready(timeout=240)


@pytest.fixture(scope="module")
def broker() -> Iterator[Broker]:
    with open_folder() as folder:
        found = Broker(folder / "kafka")
        yield found
        found.server.stop()


@pytest.fixture
def cut(broker: Broker, postgres: str, service_settings: Settings) -> KafkaLog:
    """A log that lost uploads `BEFORE`+1 to `AFTER` after they were applied."""
    prefix = service_settings.topics.prefix
    here = msgspec.structs.replace(service_settings, kafka=broker.server.address, topics=Topics(prefix))
    asyncio.run(topic_set_up.ensure(here.kafka, here))
    log = KafkaLog(Source(here.kafka, here.topics.events, postgres))
    uploads = [HISTORY.upload(number, number) for number in range(1, AFTER + 1)]
    log.append_raw(
        (one.outlet, encode(one), [*headers_of(one), ("source_offset", b"%d" % offset)])
        for offset, one in enumerate(uploads[:BEFORE])
    )
    log.apply()
    broker.keep()
    log.append(uploads[BEFORE:])
    log.apply()
    broker.bring_back()
    shutil.rmtree(broker._kept)
    return log


HISTORY = sales(AFTER)


def test_the_log_is_to_blame_and_not_the_rows(cut: KafkaLog, database: psycopg.Connection[Any]) -> None:
    """verify, rebuild (with --accept, too), ledger and a switch refuse with that sentence, and change nothing."""
    attempts: list[Callable[[], object]] = [
        lambda: verify(cut.source, Quiet()),
        lambda: rebuild(cut.source, Wish(), Quiet()),
        lambda: rebuild(cut.source, Wish(accept=True), Quiet()),
        lambda: rebuild(cut.source, Wish(datetime.now(UTC), "now"), Quiet()),
        lambda: asyncio.run(ledger(cut.source)),
        lambda: switch(cut.source, _another_generation(database), Quiet()),
    ]
    for attempt in attempts:
        with pytest.raises(LogLost, match="the log is shorter than what was worked through.*rows are not damaged"):
            attempt()
    assert register.live(database).number == 1
    assert _sales(database, 1) == AFTER


def test_adopted_it_is_the_truth_and_what_it_lost_is_named_and_exported(
    cut: KafkaLog, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    """Numbers 5 to 9 are named; their receipts are in the file; the run stands at 4, so that the till sends again."""
    export = tmp_path / "lost.jsonl"
    adopted = _adopt(cut, export)
    assert adopted is not None
    assert [(one.run, one.first, one.last) for one in adopted.lost] == [(HISTORY.run, BEFORE + 1, AFTER)]
    assert (adopted.was, adopted.generation, adopted.documents, adopted.without_content) == (1, 2, 5, [])
    lines = [msgspec.json.decode(line) for line in export.read_bytes().splitlines()]
    assert [(line["kind"], line["first_seq"]) for line in lines] == [("sale", seq) for seq in range(5, 10)]
    assert (_sales(database, 1), _sales(database, 2)) == (AFTER, BEFORE)
    assert database.execute("SELECT applied_through FROM gen_2.runs").fetchall() == [(BEFORE,)]
    cut.append([HISTORY.upload(BEFORE + 1, AFTER)])  # the till sends again
    cut.apply()
    assert verify(cut.source, Quiet()).same
    assert _sales(database, 2) == AFTER
    assert _adopt(cut, tmp_path / "again.jsonl") is None


def test_written_on_past_the_position_it_is_noticed_all_the_same(cut: KafkaLog, tmp_path: Path) -> None:
    """As many records and more came before anybody looked: the record before the position is another one."""
    cut.append([next(iter(Shop(number, known_as=HISTORY.outlet).uploads(1))) for number in range(3, 3 + AFTER)])
    with pytest.raises(LogLost, match="lost its end and was written on"):
        verify(cut.source, Quiet())
    adopted = _adopt(cut, tmp_path / "lost.jsonl")
    assert adopted is not None
    assert [(one.run, one.first, one.last) for one in adopted.lost] == [(HISTORY.run, BEFORE + 1, AFTER)]
    assert verify(cut.source, Quiet()).same


def test_a_worker_of_the_earlier_log_applies_nothing(
    log: KafkaLog, service_settings: Settings, database: psycopg.Connection[Any]
) -> None:
    """Records read of a topic that was replaced meanwhile do not reach rows that are of another one."""
    log.append([HISTORY.upload(1, 1)])
    log.apply()
    asyncio.run(recreate(service_settings.kafka, log.source.topic, service_settings))
    with pytest.raises(LogLost, match="the log was replaced"):
        verify(log.source, Quiet())
    engine = Engine(log.source.postgres)
    engine.log_id = "a1b2c3d4-0000-4000-8000-000000000000"
    [(partition, offset)] = database.execute("SELECT partition, next_offset FROM gen_1.positions").fetchall()
    late = HISTORY.upload(2, 2)
    value, found = encode(late), headers_of(late)
    with pytest.raises(PositionConflict, match="is of the log"):
        engine.apply([LogRecord(partition, offset, late.outlet.encode(), value, found, datetime.now(UTC))])
    engine.close()


def test_the_commands_answer_no(cut: KafkaLog, service_settings: Settings) -> None:
    """verify and ledger exit 1 with the sentence; `log show` names the fault, the command that goes on, and the numbers
    that the log no longer has, before anything is decided."""
    environment = {
        "WEBOFFICE_KAFKA": cut.source.kafka,
        "WEBOFFICE_POSTGRES": cut.source.postgres,
        "WEBOFFICE_TOPIC_PREFIX": service_settings.topics.prefix,
        "WEBOFFICE_HOME": str(service_settings.home),
    }

    def command(*arguments: str) -> subprocess.CompletedProcess[str]:
        argv = [sys.executable, "-m", "ops", *arguments]
        return subprocess.run(argv, env={**os.environ, **environment}, capture_output=True, text=True, timeout=120)

    for arguments in (["verify"], ["ledger"], ["rebuild", "--accept"]):
        done = command(*arguments)
        assert done.returncode == NO
        assert "the rows are not damaged" in done.stderr
    done = command("log", "show")
    assert done.returncode == NO
    assert "`weboffice log adopt events` goes on" in done.stdout
    assert "5 events that the live rows have are not in the log" in done.stdout
    assert f"outlet {HISTORY.outlet}, run {HISTORY.run}: 5–9" in done.stdout
    [named] = msgspec.json.decode(command("log", "show", "--json").stdout)["lost"]
    assert named == {
        "outlet_id": HISTORY.outlet, "till_id": HISTORY.till, "run": HISTORY.run, "from": BEFORE + 1, "to": AFTER
    }  # fmt: skip
    again = HISTORY.upload(6, 7)  # a till that kept some sends it again
    cut.append_raw([(again.outlet, encode(again), [*headers_of(again), ("source_offset", b"4")])])
    done = command("log", "show", "--json")
    assert done.returncode == NO, done.stderr
    assert [(one["from"], one["to"]) for one in msgspec.json.decode(done.stdout)["lost"]] == [(5, 5), (8, 9)]


def _adopt(log: KafkaLog, export: Path) -> Adopted | None:
    return adopt(log.source, Quiet(), lambda found, empty: write_export(export, found, empty))


def _another_generation(database: psycopg.Connection[Any]) -> int:
    with database.transaction():
        number = register.create(database).number
        database.execute(f"INSERT INTO gen_{number}.positions SELECT * FROM gen_1.positions")  # noqa: S608
        register.close(database, register.numbered(database, number), "ready")
    return number


def _sales(database: psycopg.Connection[Any], generation: int) -> int:
    [(count,)] = database.execute(f"SELECT count(*) FROM gen_{generation}.sales").fetchall()  # noqa: S608
    return int(count)
