from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from producers.till.errors import SpoolBusy, SpoolDamaged, SpoolError, SpoolFull
from producers.till.frames import Source
from producers.till.spool import Spool
from tests.producers.till.disks import FaultyDisk, Killed, PowerCutDisk


def opened(path: Path, segment_bytes: int = 1000, disk: FaultyDisk | None = None) -> Spool:
    return Spool(path / "spool", path / "state", disk=disk or FaultyDisk(), segment_bytes=segment_bytes)


def events(first: int, count: int) -> list[bytes]:
    return [b'{"n":%d}' % n for n in range(first, first + count)]


def drained(spool: Spool) -> list[bytes]:
    found: list[bytes] = []
    while batch := spool.batch(9, 10_000):
        found += batch.events
        spool.acknowledge(batch.run, batch.first_seq + len(batch.events) - 1)
    return found


def test_segments_are_deleted_when_acknowledged(tmp_path: Path) -> None:
    """However many events pass through, the spool holds no more than what waits."""
    spool = opened(tmp_path)
    for n in range(100):
        spool.append(events(n * 10, 10))
        assert len(drained(spool)) == 10
    assert sum(file.stat().st_size for file in (tmp_path / "spool").glob("*.events")) < 3000
    assert spool.append(events(0, 1)).first == 1001
    spool.close()


def test_numbers_go_on_after_everything_was_deleted(tmp_path: Path) -> None:
    """The next number and the sources are known although no event is left."""
    spool = opened(tmp_path, segment_bytes=1)
    run = spool.append(events(0, 5), {"file": Source(70, "digest")}).run
    drained(spool)
    spool.close()
    spool = opened(tmp_path)
    assert (spool.run, spool.append(events(5, 1)).first) == (run, 6)
    assert spool.sources == {"file": Source(70, "digest")}
    spool.close()


def test_a_torn_tail_is_cut(tmp_path: Path) -> None:
    """An append that was cut short by a crash is gone as a whole; those before it are there."""
    spool = opened(tmp_path)
    spool.append(events(0, 3))
    spool.append(events(3, 3))
    spool.close()
    [segment] = (tmp_path / "spool").glob("*.events")
    segment.write_bytes(segment.read_bytes()[:-5])
    spool = opened(tmp_path)
    assert drained(spool) == events(0, 3)
    assert spool.append(events(9, 1)).first == 4
    spool.close()


def test_damage_before_the_end_is_reported(tmp_path: Path) -> None:
    """A changed byte in the middle leaves nothing out silently: the spool says that it is damaged."""
    spool = opened(tmp_path)
    spool.append(events(0, 3))
    spool.append(events(3, 3))
    spool.close()
    [segment] = (tmp_path / "spool").glob("*.events")
    content = bytearray(segment.read_bytes())
    content[content.index(b'{"n":1}') + 2] ^= 1
    segment.write_bytes(content)
    with pytest.raises(SpoolDamaged):
        opened(tmp_path)
    assert segment.read_bytes() == bytes(content)


@pytest.mark.parametrize("lost", ["mark", "spool.json", "000001-0000000000000001.events"])
def test_a_lost_file_is_reported(lost: str, tmp_path: Path) -> None:
    """A spool with a file missing is not taken for an empty one."""
    spool = opened(tmp_path)
    spool.append(events(0, 3))
    spool.close()
    (tmp_path / "spool" / lost).unlink()
    with pytest.raises(SpoolDamaged):
        opened(tmp_path)


def test_the_lock_ends_with_the_process(tmp_path: Path) -> None:
    """While a spool is open a second one is refused; once it is closed, not."""
    spool = opened(tmp_path)
    with pytest.raises(SpoolBusy):
        opened(tmp_path)
    spool.close()
    opened(tmp_path).close()


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_after_each_possible_failure_of_an_append_it_goes_on(error: int, tmp_path: Path) -> None:
    """Whichever system call of an append fails, the append is refused whole and the next one follows without a hole."""
    disk = FaultyDisk()
    spool = opened(tmp_path, 1, disk)
    expected: list[bytes] = []
    failures = 0
    for at in range(12):
        disk.arm(fail_at=at, error=error, seed=at)
        try:
            spool.append(events(at * 10, 3))
            expected += events(at * 10, 3)
        except SpoolFull:
            failures += error == errno.ENOSPC
        except SpoolError:
            failures += error == errno.EIO
        disk.arm()
        spool.append(events(at * 10 + 5, 2))
        expected += events(at * 10 + 5, 2)
    assert failures >= 4
    spool.close()
    spool = opened(tmp_path)
    assert drained(spool) == expected
    spool.close()


@pytest.mark.parametrize("after", [False, True])
def test_killed_at_each_system_call_and_then_the_power_fails(after: bool, tmp_path: Path) -> None:
    """Killed at any call of a fixed course of appends and sendings, opened, used, and then cut off from power: all that
    was accepted is delivered, and each number has one content."""
    at, ended = 0, False
    while not ended:
        root = tmp_path / f"{at}"
        root.mkdir()
        disk = PowerCutDisk()
        accepted: set[bytes] = set()
        taken: dict[tuple[str, int], bytes] = {}
        spool = opened(root, 150, disk)
        disk.arm(kill_at=at, after=after, seed=at)
        try:
            _work(spool, accepted, taken)
            ended = True
        except Killed:
            pass
        for life in range(2):
            spool.close()
            if life:
                disk.cut(seed=at)
            disk.arm()
            spool = opened(root, 150, disk)
            _take(spool, taken, most=100 if life else 1)
        assert accepted <= set(taken.values())
        assert sorted(seq for _, seq in taken) == list(range(1, len(taken) + 1))
        spool.close()
        at += 1
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
            spool.acknowledge(batch.run, batch.first_seq + len(batch.events) - 1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB of its own."""
    if os.geteuid() != 0:
        pytest.skip("mounting a tmpfs needs root")
    path = tmp_path / "small"
    path.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", path], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"mount is refused here: {done.stderr.strip()}")
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_full_disk_refuses_whole_appends_and_can_be_sent_empty(small_disk: Path, tmp_path: Path) -> None:
    """On a real full disk an append is refused whole; what was accepted can be sent, which frees the disk."""
    spool = Spool(small_disk / "spool", tmp_path / "state", segment_bytes=20_000)
    accepted: list[bytes] = []
    for _ in range(2):
        with pytest.raises(SpoolFull):
            _fill(spool, accepted)
        assert spool.pending == len(accepted) > 400
        spool.close()
        spool = Spool(small_disk / "spool", tmp_path / "state", segment_bytes=20_000)
        assert spool.pending == len(accepted)
        assert drained(spool) == accepted
        accepted = []
    spool.append([b"{}"])
    spool.close()


def _fill(spool: Spool, accepted: list[bytes]) -> None:
    while True:
        batch = [b'{"n":"%b"}' % os.urandom(100).hex().encode() for _ in range(20)]
        spool.append(batch)
        accepted += batch
