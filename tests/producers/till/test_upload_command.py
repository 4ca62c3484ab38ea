from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.producers.till.conftest import moved
from tests.producers.till.gateway import Dropped, Gateway, error


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of 1,200 events."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(moved(n)) + b"\n" for n in range(1200)))
    return path


def upload(tmp_path: Path, url: str, *arguments: object) -> tuple[int, Any, str]:
    """Runs the command; its exit code, its document and what it said on stderr."""
    environment = {**os.environ, "WEBOFFICE_HOME": str(tmp_path / "home")}
    argv = ["-m", "ops", "upload", "--url", url, "--token", "wo_till_test", "--json", *map(str, arguments)]
    done = subprocess.run([sys.executable, *argv], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, json.loads(done.stdout) if done.stdout else None, done.stderr


def test_a_repeated_command_sends_nothing_twice(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """The first call sends every line, the second none; both say so, and end with 0."""
    code, result, said = upload(tmp_path, gateway.url, file)
    assert (code, result["events"], result["waiting"], result["withdrawn"]) == (0, 1200, 0, [])
    assert "100 %, 1200 events acknowledged" in said
    code, result, _ = upload(tmp_path, gateway.url, file)
    assert (code, result["events"]) == (0, 0)
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(1200)]


def test_a_broken_off_command_is_continued(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """Given up while the gateway failed (exit code 3), the next call delivers the rest, each event once."""
    seen: list[int] = []
    gateway.after = lambda body: Dropped() if seen.append(1) or len(seen) > 1 else None  # type: ignore[func-returns-value]
    code, result, said = upload(tmp_path, gateway.url, "--give-up-after", 1, "--batch", 100, file)
    assert (code, result) == (3, None)
    assert "nothing was acknowledged for 1 s" in said
    gateway.after = lambda body: None
    code, result, _ = upload(tmp_path, gateway.url, "--batch", 100, file)
    assert code == 0
    assert [event["move_id"] for event in gateway.events()] == [f"m{n}" for n in range(1200)]
    assert not gateway.changed


def test_refused_events_are_listed(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """Where the service refuses an event the others arrive, and the exit code is 1."""
    file.write_bytes(file.read_bytes() + msgspec.json.encode(moved(9, quantity="many")) + b"\n")
    code, result, _ = upload(tmp_path, gateway.url, file)
    assert (code, result["events"]) == (1, 1201)
    [refused] = result["withdrawn"]
    assert (refused["seq"], refused["at"]) == (1201, "events[200].quantity")


def test_a_wrong_token_or_file_is_wrong_usage(gateway: Gateway, tmp_path: Path, file: Path) -> None:
    """An unknown token and a line that is no event end with 2 and say what is wrong, without the token."""
    gateway.before = lambda body: error(401, "unknown_token")
    code, _, said = upload(tmp_path, gateway.url, file)
    assert code == 2
    assert "token is unknown" in said
    assert "wo_till_test" not in said
    gateway.before = lambda body: None
    file.write_text("{}\nnothing\n")
    code, _, said = upload(tmp_path, gateway.url, "--spool", tmp_path / "other", file)
    assert code == 2
    assert "line 2" in said
