"""kill -9 of a till that appends and sends, again and again, to a gateway that fails in every way it may."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from random import Random

import msgspec
import pytest
from starlette.responses import Response

from tests.producers.till.conftest import OpenTill
from tests.producers.till.gateway import Body, Dropped, Gateway, error

KILLS = 20


@pytest.mark.usefixtures("programs")
def test_killed_at_any_moment_a_till_loses_and_doubles_nothing(
    gateway: Gateway, till: OpenTill, tmp_path: Path
) -> None:
    """Killed 20 times, every accepted event arrives once under its number, unchanged, in a single run without holes."""
    random = Random(6)
    gateway.before = lambda body: _failure(random)
    gateway.after = lambda body: _unknown_outcome(body, random)
    accepted = tmp_path / "accepted"
    for life in range(KILLS):
        _live_and_die(gateway.url, tmp_path, accepted, first=life * 100_000, random=random)
    gateway.before = gateway.after = lambda body: None
    till("spool").send()

    assert not gateway.changed
    taken = {place: msgspec.json.decode(content) for place, content in gateway.taken.items()}
    [run] = {run for run, _ in taken}
    assert sorted(seq for _, seq in taken) == list(range(1, len(taken) + 1))
    moves = [event["move_id"] for event in taken.values() if event["type"] == "stock.moved"]
    assert len(moves) == len(set(moves))
    lines = accepted.read_text().splitlines()
    assert len(lines) > KILLS * 5
    for line in lines:
        of, seq, move_id = line.split()
        event = taken[of, int(seq)]
        refused = int(move_id[1:]) % 50 == 49
        assert (event["type"] == "event.withdrawn") if refused else (event["move_id"] == move_id)


def _live_and_die(url: str, tmp_path: Path, accepted: Path, *, first: int, random: Random) -> None:
    before = accepted.stat().st_size if accepted.exists() else 0
    argv = ["-m", "tests.producers.till.child", url, tmp_path / "spool", tmp_path / "state", accepted, str(first)]
    with subprocess.Popen([sys.executable, *map(str, argv)]) as child:
        deadline = time.monotonic() + 30
        while not accepted.exists() or accepted.stat().st_size == before:
            assert child.poll() is None, "the till ended by itself"
            assert time.monotonic() < deadline, "the till did not begin"
            time.sleep(0.002)
        try:
            child.wait(random.uniform(0, 0.3))  # its remaining life
        except subprocess.TimeoutExpired:
            child.kill()
        else:
            raise AssertionError("the till ended by itself")


def _failure(random: Random) -> Response | None:
    match random.randrange(10):
        case 0:
            return error(503, "unknown", Retry_After="1")
        case 1:
            return error(429, "slow_down", Retry_After="1")
        case 2:
            return Dropped()
        case _:
            return None


def _unknown_outcome(body: Body, random: Random) -> Response | None:
    """The upload is written, but the till does not learn of it."""
    match random.randrange(8):
        case 0:
            return error(503, "unknown")
        case 1:
            return Dropped()
        case _:
            return None
