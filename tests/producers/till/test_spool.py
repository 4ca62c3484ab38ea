from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from hashlib import sha256
from pathlib import Path
from zlib import crc32

import apsw
import pytest

from producers.till.errors import SpoolBusy, SpoolDamaged, SpoolError, SpoolFull
from producers.till.spool import Spool
from producers.till.state import Source
from tests.producers.till.disks import Disk, Killed


def opened(path: Path, disk: Disk | None = None, **settings: object) -> Spool:
    given = {"reserve_bytes": 0, **({"connect": disk.connect} if disk else {}), **settings}
    return Spool(path / "spool", path / "state", **given)  # type: ignore[arg-type]


def events(first: int, count: int) -> list[bytes]:
    return [b'{"n":%d}' % n for n in range(first, first + count)]


def drained(spool: Spool) -> list[bytes]:
    found: list[bytes] = []
    while batch := spool.batch(9, 10_000):
        found += batch.events
        spool.acknowledge(batch)
    return found


def changed(path: Path, statement: str) -> None:
    """Damages a database with SQL."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(statement)


def test_acknowledged_events_stay_as_long_as_they_may(tmp_path: Path) -> None:
    """An event goes 30 days after it was acknowledged, not before."""
    now = [1e9]
    spool = opened(tmp_path, clock=lambda: now[0])
    run = spool.append(events(0, 5)).run
    drained(spool)
    now[0] += 30 * 24 * 3600 - 1
    spool.append(events(5, 1))
    drained(spool)
    spool.send_again(run, [(1, 99)], now[0])
    assert drained(spool) == events(0, 5)
    now[0] += 30 * 24 * 3600 + 1
    spool.append(events(6, 1))
    drained(spool)
    spool.send_again(run, [(1, 99)], now[0] + 1)
    assert drained(spool) == events(6, 1)
    spool.close()


def test_acknowledged_events_take_no_more_room_than_they_may(tmp_path: Path) -> None:
    """However many events pass through, the file stays within its bound, and those acknowledged last are kept."""
    spool = opened(tmp_path, keep_bytes=200_000)
    run = spool.run
    for n in range(200):
        spool.append([b'{"n":"%05d%b"}' % (n * 10 + k, b"x" * 300) for k in range(10)])
        assert len(drained(spool)) == 10
    assert (tmp_path / "spool" / "spool.db").stat().st_size < 400_000
    assert spool.append(events(0, 1)).first == 2001
    spool.send_again(run, [(1, 2000)], 1e12)
    kept = [json.loads(event)["n"] for event in drained(spool)[:-1]]
    assert [int(n[:5]) for n in kept] == list(range(2000 - len(kept), 2000))
    assert len(kept) > 100
    spool.close()


def test_only_what_was_acknowledged_before_a_moment_goes_again(tmp_path: Path) -> None:
    """What may still be on its way is left alone; the rest comes again under its number, before what is new."""
    now = [1000.0]
    spool = opened(tmp_path, clock=lambda: now[0])
    run = spool.append(events(0, 4)).run
    drained(spool)
    now[0] = 2000.0
    spool.append(events(4, 4))
    drained(spool)
    spool.append(events(8, 1))
    assert spool.kept_runs(1500) == [run]
    assert spool.kept_runs(500) == []
    spool.send_again(run, [(2, 3), (5, 2**53)], 1500)
    first, second = spool.batch(9, 10_000), None
    assert first
    assert (first.run, first.first_seq, first.events) == (run, 2, events(1, 2))
    spool.acknowledge(first)
    second = spool.batch(9, 10_000)
    assert second
    assert (second.first_seq, second.events) == (9, events(8, 1))
    spool.close()


def test_a_clock_that_was_ahead_holds_nothing_back(tmp_path: Path) -> None:
    """What was acknowledged under a date in the future counts as acknowledged now, once the clock is right again."""
    now = [9e9]
    spool = opened(tmp_path, clock=lambda: now[0])
    spool.append(events(0, 1))
    drained(spool)
    now[0] = 1000.0
    assert spool.kept_runs(400) == []
    now[0] = 2000.0
    assert spool.kept_runs(1400) == [spool.run]
    spool.close()


def test_numbers_go_on_after_everything_was_deleted(tmp_path: Path) -> None:
    """The next number and the sources are known although no event is left."""
    spool = opened(tmp_path, keep_seconds=-1)
    run = spool.append(events(0, 5), {"file": Source(70, "digest")}).run
    drained(spool)
    spool.close()
    spool = opened(tmp_path)
    assert spool.kept_runs(1e12) == []
    assert (spool.run, spool.append(events(5, 1)).first) == (run, 6)
    assert spool.sources == {"file": Source(70, "digest")}
    spool.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE events SET event = CAST('{\"n\":9}' AS BLOB) WHERE id = 2",
        "DELETE FROM events WHERE id = 2",
        "DROP TABLE events",
    ],
)
def test_damage_is_reported(damage: str, tmp_path: Path) -> None:
    """An event that was changed or lost is neither left out in silence nor sent as it is."""
    spool = opened(tmp_path)
    spool.append(events(0, 3))
    spool.close()
    changed(tmp_path / "spool" / "spool.db", damage)
    with pytest.raises(SpoolError), closing(opened(tmp_path)) as spool:
        drained(spool)


def test_a_file_that_is_no_database_is_reported(tmp_path: Path) -> None:
    """Garbage in the place of the database is left as it is."""
    opened(tmp_path).close()
    (tmp_path / "spool" / "spool.db").write_bytes(b"garbage" * 1000)
    with pytest.raises(SpoolDamaged):
        opened(tmp_path)
    assert (tmp_path / "spool" / "spool.db").read_bytes() == b"garbage" * 1000


def test_a_spool_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    """A till that was set back to an older program does not touch what it does not understand."""
    opened(tmp_path).close()
    changed(tmp_path / "spool" / "spool.db", "PRAGMA user_version = 2")
    with pytest.raises(SpoolError, match="newer"):
        opened(tmp_path)


def test_the_lock_ends_with_the_spool(tmp_path: Path) -> None:
    """While a spool is open a second one is refused; once it is closed, not."""
    spool = opened(tmp_path)
    with pytest.raises(SpoolBusy):
        opened(tmp_path)
    spool.close()
    opened(tmp_path).close()


_HOLDS = "import sys; from pathlib import Path; from producers.till.spool import Spool; " + (
    "spool = Spool(Path(sys.argv[1]), Path(sys.argv[2])); spool.append([b'{}']); print('open', flush=True); input()"
)


@pytest.mark.usefixtures("programs")
def test_a_second_process_is_refused_until_the_first_is_killed(tmp_path: Path) -> None:
    """The lock is the operating system's: it holds between processes, and no killed process leaves it behind."""
    argv = [sys.executable, "-c", _HOLDS, str(tmp_path / "spool"), str(tmp_path / "state")]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        assert other.stdout.readline() == "open\n"
        with pytest.raises(SpoolBusy):
            opened(tmp_path)
        other.kill()
    spool = opened(tmp_path)
    assert drained(spool) == [b"{}"]
    spool.close()


# ---- the spool of version 0.1.0


OLD = Path(__file__).parent / "version_0_1_0"
"""Made by the code of version 0.1.0: run 1 was acknowledged through 3 and ends with 5, which is being withdrawn; run 2
holds m6, m7 and m8, and the torn beginning of an append of two more."""
OLD_RUNS = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]


def old_spool(path: Path, *, moved: bool = False, sent_through: int = 0) -> None:
    """Puts the old spool to where it is opened, with a stamp that says it has always been there."""
    shutil.copytree(OLD / "spool", path / "spool")
    (path / "state").mkdir()
    if not moved:
        opened(path / "elsewhere").close()
        inode = (path / "spool").stat().st_ino
        value = b'[1,{"run":"%b","inode":%d,"sent_through":%d}]' % (OLD_RUNS[1].encode(), inode, sent_through)
        slot = (b"%08x %b" % (crc32(value), value)).ljust(4095) + b"\n"
        name = sha256(bytes((path / "spool").resolve())).hexdigest()[:32]
        (path / "state" / f"{name}.stamp").write_bytes((OLD / "spool.stamp").read_bytes()[:4096] + slot)


def taken_over(spool: Spool) -> list[tuple[str, int, str]]:
    """Run, number, and what the event is; each acknowledged."""
    found = []
    while batch := spool.batch(2, 10_000):
        for seq, event in enumerate(batch.events, batch.first_seq):
            found.append((batch.run, seq, json.loads(event).get("move_id") or "withdrawn"))
        spool.acknowledge(batch)
    return found


def test_a_spool_of_version_0_1_0_is_taken_over(tmp_path: Path) -> None:
    """Every event that was not acknowledged comes with its run and number, byte for byte; numbers and sources go on."""
    old_spool(tmp_path)
    spool = opened(tmp_path)
    assert spool.pending == 5
    assert spool.sources == {"0123456789abcdef": Source(410, "a" * 64), "fedcba9876543210": Source(820, "b" * 64)}
    assert sorted(file.name for file in (tmp_path / "spool").iterdir()) == ["reserve", "spool.db", "spool.db-wal"]
    spool.close()
    spool = opened(tmp_path)
    batch = spool.batch(1, 10_000)
    assert batch
    line = (OLD / "spool" / "000001-0000000000000003.events").read_bytes().splitlines()[2]
    assert batch.events[0] + b"," in line
    numbers = spool.append(events(0, 1))
    assert (numbers.run, numbers.first) == (OLD_RUNS[1], 4)
    one, two = OLD_RUNS
    assert taken_over(spool)[:5] == [
        (one, 4, "m4"),
        (one, 5, "withdrawn"),
        (two, 1, "m6"),
        (two, 2, "m7"),
        (two, 3, "m8"),
    ]
    spool.close()


def test_a_copy_of_an_old_spool_starts_a_new_run(tmp_path: Path) -> None:
    """At another place, or behind what its stamp says was sent, it goes on in a run of its own."""
    for name, stamp in (("moved", {"moved": True}), ("older", {"sent_through": 4})):
        old_spool(tmp_path / name, **stamp)
        spool = opened(tmp_path / name)
        assert spool.run not in OLD_RUNS
        assert spool.append(events(0, 1)).first == 1
        assert [run for run, _, _ in taken_over(spool)] == [OLD_RUNS[0]] * 2 + [OLD_RUNS[1]] * 3 + [spool.run]
        spool.close()


@pytest.mark.parametrize("at", range(0, 60, 12))
def test_killed_while_an_old_spool_is_taken_over(at: int, tmp_path: Path) -> None:
    """The old files go only when everything is in the new ones."""
    old_spool(tmp_path)
    disk = Disk()
    disk.arm(kill_at=at, seed=at)
    with suppress(Killed):
        opened(tmp_path, disk).close()
    disk.cut(at)
    disk.arm()
    spool = opened(tmp_path, disk)
    assert [what for _, _, what in taken_over(spool)] == ["m4", "withdrawn", "m6", "m7", "m8"]
    spool.close()


@pytest.mark.parametrize(
    "lost", ["mark", "spool.json", "000002-0000000000000001.events", "000001-0000000000000003.events"]
)
def test_a_lost_file_of_an_old_spool_is_reported(lost: str, tmp_path: Path) -> None:
    """An old spool with a file missing is not taken for an empty one, and stays as it is."""
    old_spool(tmp_path)
    (tmp_path / "spool" / lost).unlink()
    with pytest.raises(SpoolDamaged):
        opened(tmp_path)
    left = {path.name for path in (tmp_path / "spool").iterdir()}
    assert left >= {path.name for path in (OLD / "spool").iterdir()} - {lost}


def test_damage_in_an_old_spool_is_reported(tmp_path: Path) -> None:
    """A changed byte before the end leaves nothing out in silence."""
    old_spool(tmp_path)
    path = tmp_path / "spool" / "000002-0000000000000001.events"
    path.write_bytes(path.read_bytes().replace(b'"m6"', b'"m5"'))
    with pytest.raises(SpoolDamaged):
        opened(tmp_path)


# ---- faults below SQLite


@pytest.mark.parametrize("error", [apsw.SQLITE_FULL, apsw.SQLITE_IOERR])
def test_after_each_possible_failure_of_an_append_it_goes_on(error: int, tmp_path: Path) -> None:
    """Whichever system call of an append fails, the append is refused whole and the next one follows without a hole."""
    disk = Disk()
    spool = opened(tmp_path, disk)
    expected: list[bytes] = []
    failures = 0
    for at in range(12):
        disk.arm(fail_at=at, error=error, lasting=True, seed=at)
        try:
            spool.append(events(at * 10, 3))
            expected += events(at * 10, 3)
        except SpoolFull:
            failures += error == apsw.SQLITE_FULL
        except SpoolError:
            failures += error == apsw.SQLITE_IOERR
        disk.arm()
        spool.append(events(at * 10 + 5, 2))
        expected += events(at * 10 + 5, 2)
    assert failures >= 4
    spool.close()
    spool = opened(tmp_path, disk)
    assert drained(spool) == expected
    spool.close()


@pytest.mark.parametrize(
    ("after", "step"),
    [(False, 7), (True, 8), *(pytest.param(after, 1, marks=pytest.mark.nightly) for after in (False, True))],
)
def test_killed_at_each_system_call_and_then_the_power_fails(after: bool, step: int, tmp_path: Path) -> None:
    """Killed at any call of a fixed course, by the power or by itself (then opened, used and cut off): all that
    was accepted is delivered, and each number has one content."""
    at, ended = 0, False
    while not ended:
        root = tmp_path / f"{at}"
        root.mkdir()
        disk = Disk()
        accepted: set[bytes] = set()
        taken: dict[tuple[str, int], bytes] = {}
        spool = opened(root, disk)
        disk.arm(kill_at=at, after=after, seed=at)
        try:
            _work(spool, accepted, taken)
            ended = True
        except Killed:
            pass
        for life in range(at % 2, 2):  # every other time it is the power that kills
            disk.dead = disk.dead or life == 1  # the power fails while the spool is open: nothing is tidied up
            with suppress(Killed):
                spool.close()
            if life:
                disk.cut(seed=at)
            disk.arm()
            spool = opened(root, disk)
            _take(spool, taken, most=100 if life else 1)
        assert accepted <= set(taken.values())
        assert sorted(seq for _, seq in taken) == list(range(1, len(taken) + 1))
        spool.close()
        at += step
    assert at > 40


def _work(spool: Spool, accepted: set[bytes], taken: dict[tuple[str, int], bytes]) -> None:
    for n in range(8):
        spool.append(events(n * 10, 3))
        accepted.update(events(n * 10, 3))
        if n % 3 == 2:
            _take(spool, taken, most=4)


def _take(spool: Spool, taken: dict[tuple[str, int], bytes], most: int) -> None:
    for _ in range(most):
        if batch := spool.batch(4, 10_000):
            for seq, content in enumerate(batch.events, batch.first_seq):
                assert taken.setdefault((batch.run, seq), content) == content
            spool.acknowledge(batch)


@pytest.mark.parametrize("seed", range(10))
def test_what_was_sent_is_noted_before_it_goes_though_the_power_fails(seed: int, tmp_path: Path) -> None:
    """A power cut right after a batch was taken to be sent leaves the stamp that says so: a backup put in the place of
    the spool afterwards starts a new run, and gives none of the numbers that went out to something else."""
    disk = Disk()
    spool = opened(tmp_path, disk)
    run = spool.append(events(0, 3)).run
    _take(spool, {}, most=1)
    backup = disk.copy("/spool/")
    spool.append(events(3, 3))
    assert spool.batch(9, 10_000)
    disk.dead = True
    with suppress(Killed):
        spool.close()
    disk.cut(seed)
    disk.restore(backup, "/spool/")
    spool = opened(tmp_path, disk)
    assert spool.append(events(6, 1)).run != run
    spool.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MiB of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    path = tmp_path / "small"
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", path], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount is refused here: {done.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


@pytest.mark.usefixtures("programs")
def test_a_full_disk_refuses_whole_appends_and_can_be_sent_empty(small_disk: Path) -> None:
    """On a real full disk an append is refused whole; what was accepted can be sent, and then there is room again."""

    def reopened() -> Spool:
        return Spool(small_disk / "spool", small_disk / "state", reserve_bytes=200_000)

    spool = reopened()
    for _ in range(3):
        accepted: list[bytes] = []
        with pytest.raises(SpoolFull):
            _fill(spool, accepted)
        assert spool.pending == len(accepted) > 400
        spool.close()
        spool = reopened()
        assert spool.pending == len(accepted)
        assert drained(spool) == accepted
    spool.append([b"{}"])
    spool.close()


def _fill(spool: Spool, accepted: list[bytes]) -> None:
    while True:
        batch = [b'{"n":"%b"}' % os.urandom(100).hex().encode() for _ in range(20)]
        spool.append(batch)
        accepted += batch
