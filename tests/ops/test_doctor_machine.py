"""What `weboffice doctor` says about the machine alone: each thing that is wrong is named, with what to do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ops import settings
from ops.checks import Finding, disk, machine

NOWHERE = {"WEBOFFICE_KAFKA": "127.0.0.1:1", "WEBOFFICE_POSTGRES": "postgresql://weboffice@127.0.0.1:1/weboffice"}


def found(home: Path, **environment: str) -> dict[str, Finding]:
    read = settings.read({"WEBOFFICE_HOME": str(home), **environment})
    return {finding.check: finding for finding in machine.check(read)}


def test_a_sound_machine_is_found_sound(tmp_path: Path) -> None:
    """The versions that are locked, an address of this machine, and room enough (which a full disk here would lack)."""
    wrong = {check for check, finding in found(tmp_path).items() if not finding.ok}
    assert wrong <= {"disk"}


def test_an_address_of_another_machine_is_named(tmp_path: Path) -> None:
    """What can't be listened on is found before a process fails on it."""
    address = found(tmp_path, WEBOFFICE_HOST="192.0.2.1")["address"]
    assert "192.0.2.1" in address.found
    assert "WEBOFFICE_HOST" in address.mend


def test_a_folder_without_room_is_named() -> None:
    """A file system without free space is found, and the folder on it."""
    disk = found(Path("/proc/weboffice"))["disk"]
    assert disk.found.startswith("0.0 GiB free in /proc")
    assert "WEBOFFICE_HOME" in disk.mend


def test_how_long_the_disk_does_follows_from_how_the_data_grew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the data's size over its age; nothing is said in its first day. Less than two weeks is wrong."""
    begun = tmp_path / "kafka" / "data" / "meta.properties"
    begun.parent.mkdir(parents=True)
    begun.write_bytes(b"x" * 40_000_000)
    now = begun.stat().st_mtime
    assert "if the data grows" not in disk.check(tmp_path, now + 3600).found
    free = disk.free(tmp_path)
    said = disk.check(tmp_path, now + 100 * 86_400)
    [days] = re.findall(r"for ([\d,]+) days", said.found)
    assert int(days.replace(",", "")) == pytest.approx(free / 400_000, rel=0.05)
    monkeypatch.setattr(disk, "free", lambda home: 10 * 1024**3)
    assert disk.check(tmp_path, now + 100 * 86_400).ok
    monkeypatch.setattr(disk, "_size", lambda home: 100 * 1024**3)
    full = disk.check(tmp_path, now + 100 * 86_400)
    assert "for 10 days" in full.found
    assert not full.ok


def test_another_faust_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version whose internals nobody looked at is found, with the one to install."""
    monkeypatch.setattr(machine, "FAUST", "0.0.1")
    assert "faust-streaming==0.0.1" in found(tmp_path)["Faust"].mend


@pytest.mark.usefixtures("programs")
def test_without_time_zones_or_utf8_it_says_so(tmp_path: Path) -> None:
    """Without zones and in an ASCII locale the command still works, and says what to install and set."""
    bare = {
        **{name: value for name, value in os.environ.items() if not name.startswith("LC_")},
        **NOWHERE,
        "LANG": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
        "WEBOFFICE_HOME": str(tmp_path),
    }
    # An empty package in its place: as if `tzdata` were not installed.
    (tmp_path / "tzdata").mkdir()
    (tmp_path / "tzdata" / "__init__.py").touch()
    bare |= {"PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}", "PYTHONTZPATH": ""}
    done = subprocess.run(
        [sys.executable, "-m", "ops", "doctor", "--json"], env=bare, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1, done.stderr
    findings: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    wrong = {one["check"]: one["mend"] for one in findings if not one["ok"]}
    assert wrong.keys() == {"locale", "time zones", "Kafka", "PostgreSQL"} | wrong.keys() & {"disk"}
    assert "LANG=C.UTF-8" in wrong["locale"]
    assert "tzdata" in wrong["time zones"]
