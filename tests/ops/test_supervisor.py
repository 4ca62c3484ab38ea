"""A process that died is started again: at once, then with a wait of at most two seconds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ops import processes
from ops.supervisor import LONGEST_WAIT_S, Backoff, Service, Supervisor
from tests.service import wait_until


def test_the_first_restart_is_at_once_and_later_ones_wait_longer() -> None:
    """0, then growing, then 2 s at most."""
    backoff = Backoff()
    waits = [backoff.wait_after(1.0) for _ in range(8)]
    assert waits[0] == 0.0
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT_S


@given(st.lists(st.floats(0, 29.9), max_size=20))
def test_thirty_seconds_of_health_are_forgiven(lives: list[float]) -> None:
    """After a long life, whatever came before, the restart is at once."""
    backoff = Backoff()
    for lived in lives:
        assert 0.0 <= backoff.wait_after(lived) <= LONGEST_WAIT_S
    assert backoff.wait_after(30.0) == 0.0


@pytest.mark.usefixtures("programs")
def test_a_process_that_has_done_its_work_is_not_started_again() -> None:
    """One that ends with a code named as done is started once; with another code it is tried again."""
    stopping = threading.Event()
    codes: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        codes.append(70 if not codes else 0)
        return processes.spawn([sys.executable, "-c", f"raise SystemExit({codes[-1]})"])

    beside: list[int] = []

    def start_beside() -> subprocess.Popen[bytes]:
        beside.append(0)
        return processes.spawn([sys.executable, "-c", "pass"])

    job = Service("job", start, done=frozenset({0, 1}))
    supervisor = Supervisor([job, Service("clock", start_beside)], stopping)
    supervisor.watch(until=lambda: len(codes) == 2 and "job" not in supervisor.pids())
    seen = len(beside)
    supervisor.watch(until=lambda: len(beside) > seen + 1)
    supervisor.stop()
    assert codes == [70, 0]


@pytest.mark.usefixtures("programs")
def test_a_killed_process_is_started_again_and_all_are_stopped() -> None:
    """SIGKILL of a kept process gives another one; `stop` leaves none behind."""
    stopping = threading.Event()
    started: list[int] = []
    pids: list[int] = []

    def start() -> subprocess.Popen[bytes]:
        process = processes.spawn([sys.executable, "-c", "import time; time.sleep(600)"])
        started.append(process.pid)
        return process

    supervisor = Supervisor([Service("sleeper", start)], stopping)

    def second_start() -> bool:
        if len(started) == 1 and not pids:
            pids.append(started[0])
            os.kill(started[0], signal.SIGKILL)
        return len(started) == 2

    supervisor.watch(until=second_start)
    supervisor.stop()
    wait_until(lambda: not any(processes.running(pid) for pid in started), "a process was left behind")


@pytest.mark.usefixtures("programs")
def test_a_leftover_is_found_and_ended(tmp_path: object) -> None:
    """A process written down before its parent was killed is ended at the next start; another of the same id is not."""
    from pathlib import Path

    note = Path(str(tmp_path)) / "pid.json"
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], cwd=note.parent)
    processes.remember(note, process)
    assert processes.leftover(note) is not None
    processes.end_leftover(note)  # which waits for it, and so reaps it, as init would a process of a killed parent
    assert not processes.running(process.pid)
    process.poll()
    assert not note.exists()
    note.write_text(json.dumps({"pid": os.getpid(), "created": 1.0}))
    assert processes.leftover(note) is None
