"""A byte of SQLite's log changed by the medium: SQLite says nothing, the spool does."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing, suppress
from pathlib import Path

import pytest

from producers.till.errors import SpoolDamaged
from producers.till.spool import Spool
from producers.till.wal import lost_commits
from tests.producers.till.disks import Disk, Killed

APPENDS = 12


def opened(path: Path, disk: Disk | None = None) -> Spool:
    if disk:
        return Spool(path / "spool", path / "state", reserve_bytes=0, connect=disk.connect)
    return Spool(path / "spool", path / "state", reserve_bytes=0)


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """What a killed till leaves: a spool with all of its appends in the log."""
    spool = opened(tmp_path / "till")
    for number in range(APPENDS):
        spool.append([b'{"n":%d}' % number])
    shutil.copytree(tmp_path / "till", tmp_path / "killed")
    spool.close()
    return tmp_path / "killed"


def with_a_byte_changed(folder: Path, at: int) -> None:
    path = folder / "spool" / "spool.db-wal"
    log = bytearray(path.read_bytes())
    log[at] ^= 1
    path.write_bytes(log)


def test_sqlite_says_nothing_of_a_broken_log(killed: Path) -> None:
    """What the spool has to see by itself: the database is sound by SQLite's own check, and appends are missing."""
    with_a_byte_changed(killed, 32 + 4120 * 20 + 100)
    with closing(sqlite3.connect(killed / "spool" / "spool.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        [count] = connection.execute("SELECT count(*) FROM events").fetchone()
    assert 0 < count < APPENDS


@pytest.mark.parametrize("at", [1, 100, 9, 20], ids=["page number", "page", "salt", "checksum"])
@pytest.mark.parametrize("frame", [6, 20])
def test_damage_in_the_middle_of_the_log_is_reported(frame: int, at: int, killed: Path) -> None:
    """Appends that were on the disk are not left out in silence; the files stay as they are."""
    with_a_byte_changed(killed, 32 + 4120 * frame + at)
    before = (killed / "spool" / "spool.db-wal").read_bytes()
    with pytest.raises(SpoolDamaged):
        opened(killed)
    assert (killed / "spool" / "spool.db-wal").read_bytes() == before


def test_a_sound_log_is_opened(killed: Path) -> None:
    """With every append in the log, and with a torn end."""
    log = killed / "spool" / "spool.db-wal"
    log.write_bytes(log.read_bytes()[:-2000])
    spool = opened(killed)
    assert spool.pending == APPENDS - 1
    spool.close()


def test_no_power_cut_looks_like_damage(tmp_path: Path) -> None:
    """Whatever a power cut leaves of a log that was being written, none of its commits was lost that had returned."""
    logs = 0
    for at in range(0, 240, 3):
        disk = Disk()
        disk.arm(kill_at=at, after=at % 2 == 0, seed=at)
        spool: Spool | None = None
        with suppress(Killed):
            spool = opened(tmp_path / str(at), disk)
            for number in range(APPENDS):
                spool.append([b'{"n":%d}' % number] * 3)
                if number % 3 == 0 and (batch := spool.batch(4, 10_000)):
                    spool.acknowledge(batch)
        disk.dead = True  # the power fails: nothing is tidied up
        with suppress(Killed):
            spool.close() if spool else None
        disk.cut(seed=at)
        for path, content in disk.copy("-wal").items():
            logs += bool(content)
            assert not lost_commits(content), path
    assert logs > 40
