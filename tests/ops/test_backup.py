"""A backup holds what can't be made again; restored into empty servers it is the same service, or it is refused."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from ops.backup.accounts import LEFT_OUT
from ops.backup.archive import Archive
from ops.backup.restoring import Restored
from ops.backup.restoring import restore as restored
from ops.backup.taking import Taken, take
from ops.provisioning import provision
from ops.settings import Settings
from projections.generations import register
from projections.replay.reader import LogReader
from projections.replay.rebuild import Wish, rebuild
from projections.replay.replay import Source
from schemas.errors import Refused, UsageError
from schemas.failpoints import VARIABLE
from schemas.records import encode
from schemas.topics import Topics
from tests.conftest import fresh_database, fresh_settings
from tests.infrastructure import Servers
from tests.projections.kafkalog import KafkaLog, headers_of
from tests.projections.quiet import Quiet
from tests.projections.shops import Shop
from tests.service import environment

pytestmark = pytest.mark.usefixtures("programs")


@pytest.fixture
def elsewhere(servers: Servers) -> Iterator[Settings]:
    """The settings of another installation: an empty database, no topics."""
    with fresh_database(servers) as postgres, fresh_settings(servers.kafka, postgres) as found:
        yield found


class Original:
    """An installation with three shops whose tills have uploads to send."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.log = KafkaLog(Source(settings.kafka, settings.topics.events, settings.postgres))
        self.account = provision(settings.postgres, "owner@example.org", ["Лавка", "Чайная", "Склад"])
        shops = [Shop(n, known_as=one["outlet_id"]) for n, one in enumerate(self.account["outlets"])]
        uploads = zip(*(shop.uploads(90, batch=1) for shop in shops), strict=False)
        self.uploads = [one for together in uploads for one in together]
        self.copied = 0

    def sell(self, count: int) -> None:
        """So many more uploads reach the log, each with the place that it was copied from, and the read models."""
        end = self.copied + count
        self.log.append_raw(
            (
                self.uploads[n].outlet,
                encode(self.uploads[n]),
                [*headers_of(self.uploads[n]), ("source_offset", b"%d" % n)],
            )
            for n in range(self.copied, end)
        )
        self.copied = end
        self.log.apply()


@pytest.fixture
def original(service_settings: Settings, topics: Topics) -> Original:
    return Original(service_settings)


def records(settings: Settings) -> list[list[Any]]:
    """All records of `events` by partition: append time, key, value, headers."""

    async def read() -> list[list[Any]]:
        async with LogReader(settings.kafka, settings.topics.events) as log:
            ends = await log.ends()
            found: list[list[Any]] = [[] for _ in ends]
            async for batches in log.read({number: (0, end) for number, end in ends.items()}):
                for number, batch in batches.items():
                    found[number] += [(one.timestamp, one.key, one.value, one.headers) for one in batch]
        return found

    return asyncio.run(read())


def rows(settings: Settings, query: str) -> list[Any]:
    with psycopg.connect(settings.postgres) as connection:
        return connection.execute(query.encode()).fetchall()


def figures(settings: Settings) -> list[Any]:
    """All rows that have figures in them, of the live read models, without their places in the log."""
    with psycopg.connect(settings.postgres) as connection:
        live = register.live(connection)
        register.use(connection, live)
        return [connection.execute(query.encode()).fetchall() for query in FIGURES]


FIGURES = (
    "SELECT outlet_id, day, sales, revenue FROM daily ORDER BY 1, 2",
    "SELECT outlet_id, good_id, warehouse_id, quantity FROM stock ORDER BY 1, 2, 3",
    "SELECT outlet_id, till_id, run, applied_through FROM runs ORDER BY 1, 2, 3",
    "SELECT outlet_id, sale_id, total, log_time FROM sales ORDER BY 1, 2",
)
ACCOUNTS = (
    "SELECT account_id, email, trial_until FROM app.accounts ORDER BY 1",
    "SELECT token_hash, till_id, created_at, hint FROM app.till_tokens ORDER BY 1",
    "SELECT token_hash, account_id, hint FROM app.owner_tokens ORDER BY 1",
    "SELECT entry_id, action, subject, at FROM app.journal ORDER BY 1",
    "SELECT outlet_id, name, zone FROM app.outlets ORDER BY 1",
    "SELECT * FROM app.acknowledged ORDER BY 1, 2, 3",
)


def backup(settings: Settings, path: Path) -> Taken:
    return take(settings, path, lambda text: None)


def restore(settings: Settings, path: Path, partitions: int = 3) -> Restored:
    wanted = msgspec.structs.replace(settings, partitions=partitions)
    with Archive(path) as archive:
        archive.check()
        return restored(settings.kafka, settings.postgres, wanted, archive, lambda text: None, Quiet())


def killed(settings: Settings, points: Path, point: str, *arguments: object) -> None:
    """A command ends by kill -9 at a named point."""
    points.mkdir(exist_ok=True)
    (points / point).touch()
    done = subprocess.run(
        [sys.executable, "-m", "ops", *map(str, arguments)],
        env=environment(settings) | {VARIABLE: str(points)},
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == -9, done.stderr[-3000:]


def test_killed_again_and_again_everything_is_restored(original: Original, elsewhere: Settings, tmp_path: Path) -> None:
    """A backup and its restore go on where kill -9 met them. Records have the append times that they had, accounts and
    tokens are those that were, kept reports are certified as they were; then the broker's times count again."""
    folder, points = tmp_path / "backup", tmp_path / "points"
    folder.mkdir()
    original.sell(60)
    moment = max(found[0] for found in rows(original.settings, "SELECT log_time FROM gen_1.positions"))
    rebuild(original.log.source, Wish(until=moment, name="then"), Quiet())
    original.sell(60)
    killed(original.settings, points, "backup.after_segment", "backup", folder)
    assert len(list(folder.glob("events-*"))) == 1
    first = backup(original.settings, folder)
    original.sell(60)
    written = set(folder.glob("events-*"))
    second = backup(original.settings, folder)
    assert second.backup_id == first.backup_id
    assert second.records - first.records == second.added > 0
    assert written < set(folder.glob("events-*"))
    killed(elsewhere, points, "restore.after_records", "restore", folder)
    told = restore(elsewhere, folder)
    assert (told.same, told.reports, told.reports_differ, told.lost) == (True, ["then"], [], [])
    was, now = records(original.settings), records(elsewhere)
    assert [part[: len(before)] for before, part in zip(was, now, strict=True)] == was
    adopted = [part[len(before) :] for before, part in zip(was, now, strict=True) if before]
    assert [json.loads(one[2])["kind"] for [one] in adopted] == ["log.adopted"] * len(adopted)
    assert all(one[0] > max(before[0] for part in was for before in part) for [one] in adopted)
    assert figures(elsewhere) == figures(original.settings)
    for query in ACCOUNTS:
        assert rows(elsewhere, query) == rows(original.settings, query), query
    with pytest.raises(UsageError, match="restored here already"):
        restore(elsewhere, folder)
    with pytest.raises(Refused, match="of another log"):
        backup(elsewhere, folder)


def test_one_file_is_restored_into_more_partitions(original: Original, elsewhere: Settings, tmp_path: Path) -> None:
    """The old impossibility: the log has more partitions afterwards, and every figure is what it was, those of a kept
    report too. What holds something already is left alone."""
    file = tmp_path / "office.backup"
    original.sell(60)
    moment = max(found[0] for found in rows(original.settings, "SELECT log_time FROM gen_1.positions"))
    rebuild(original.log.source, Wish(until=moment, name="then"), Quiet())
    backup(original.settings, file)
    original.sell(60)
    told = backup(original.settings, file)
    assert told.added == told.records - 60
    assert [path.name for path in tmp_path.iterdir()] == ["office.backup"]
    assert file.stat().st_mode & 0o077 == 0
    found = restore(elsewhere, file, partitions=5)
    assert (found.same, found.partitions, found.records) == (True, 5, told.records)
    assert (found.reports, found.reports_differ) == (["then"], [])
    assert figures(elsewhere) == figures(original.settings)
    assert len(records(elsewhere)) == 5
    with pytest.raises(UsageError, match="holds accounts already"):
        restore(original.settings, file)
    (tmp_path / "cat.jpg").touch()
    with pytest.raises(UsageError, match=r"holds other files \(cat.jpg\)"):
        backup(original.settings, tmp_path)


def test_every_table_that_no_backup_holds_is_one(postgres: str) -> None:
    """What is left out is named; a table that is added later is taken without anybody having to think of it."""
    with psycopg.connect(postgres) as connection:
        found = {name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'app'")}
    assert set(LEFT_OUT) < found
