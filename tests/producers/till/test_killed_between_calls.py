"""kill -9 between two chosen system calls of a till's spool, by strace; `test_spool.py` cuts the power there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.producers.till.course import APPENDS, EVENTS, open_spool

CHANGING = {"pwrite64": 16, "fdatasync": 7, "fsync": 1, "ftruncate": 3, "unlink": 3, "write": 4}
"""The system calls by which a spool changes what is on the disk, and of each of them every how manieth kills."""


@pytest.fixture(scope="module")
def strace() -> str:
    """The program, where it is and may trace."""
    program = shutil.which("strace")
    if program is None:
        pytest.skip("strace is missing, so no till is killed between two calls (Debian: apt-get install strace)")
    if tried := subprocess.run([program, "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip(f"strace may not trace here ({tried}), so no till is killed between two calls")
    return program


def killed_at(strace: str, root: Path, call: str, number: int) -> bool:
    """Runs the course until it enters this call for the n-th time; False where it ends before that."""
    root.mkdir()
    inject = ["-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={number}"]
    argv = [strace, "-f", "-o", os.devnull, *inject, sys.executable, "-m", "tests.producers.till.course", str(root)]
    done = subprocess.run(argv, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}, capture_output=True, timeout=60)
    assert done.returncode in (0, -9, 137), done.stderr.decode()
    return done.returncode != 0


def check(root: Path) -> None:
    """Opened again, the spool delivers all that it had accepted; each number has one content, and none is left out."""
    taken: dict[int, bytes] = {}
    accepted: set[bytes] = set()
    runs = set()
    report = root / "report"
    for line in report.read_bytes().splitlines() if report.exists() else []:
        what, run, seq, event = line.split(b" ", 3)
        if what == b"accepted":
            accepted.add(event)
        else:
            runs.add(run.decode())
            taken[int(seq)] = event
    spool = open_spool(root)
    while batch := spool.batch(5, 10_000):
        runs.add(batch.run)
        for number, event in enumerate(batch.events, batch.first_seq):
            assert taken.setdefault(number, event) == event
        spool.acknowledge(batch)
    spool.close()
    assert accepted <= set(taken.values())
    assert sorted(taken) == list(range(1, len(taken) + 1))
    assert len(set(taken.values())) == len(taken)
    assert len(runs) <= 1


@pytest.mark.parametrize("call", CHANGING)
@pytest.mark.parametrize("step", ["some", pytest.param("each", marks=pytest.mark.nightly)])
def test_killed_between_two_system_calls_nothing_is_lost_or_doubled(
    strace: str, call: str, step: str, tmp_path: Path
) -> None:
    """Killed as it enters the n-th write, sync, truncation or deletion, a spool keeps all that it had accepted."""
    number = kills = 1
    while killed_at(strace, root := tmp_path / str(number), call, number):
        check(root)
        number += CHANGING[call] if step == "some" else 1
        kills += 1
    check(root)
    assert len((root / "report").read_bytes().splitlines()) > APPENDS * EVENTS
    assert kills > 1
