"""An older copy of the service is put in its place: the tills bring back what it has lost."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ops import settings as service_settings
from tests.infrastructure import open_folder
from tests.service import Service, running

_ROOT = Path(__file__).parents[1]
_KILLS = 4


@pytest.fixture
def folder(own_servers: None) -> Iterator[Path]:
    """For homes of services and of the till."""
    with open_folder() as path:
        yield path


class OneFile:
    """A till of the one file, on a Python without any package, with its spool in a folder."""

    def __init__(self, folder: Path, token: str) -> None:
        subprocess.run([sys.executable, _ROOT / "packaging" / "till" / "build.py", folder / "dist"], check=True)
        self._program = folder / "dist" / "weboffice-till.pyz"
        self._home, self._spool = folder / "till", folder / "till" / "spool"
        self._token = token

    def upload(self, url: str, file: Path) -> subprocess.Popen[bytes]:
        arguments: list[str | Path] = ["upload", "--url", url, "--spool", self._spool, "--batch", "5", "--json", file]
        return subprocess.Popen(
            [sys.executable, "-I", "-S", self._program, *arguments],
            env={"PATH": os.environ["PATH"], "WEBOFFICE_TOKEN": self._token, "WEBOFFICE_HOME": str(self._home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def acknowledged(self) -> int:
        """How many events of its spool are."""
        with closing(sqlite3.connect(self._copy())) as connection:
            [count] = connection.execute("SELECT count(*) FROM deliveries WHERE acknowledged_at IS NOT NULL").fetchone()
            return int(count)

    def _copy(self) -> Path:
        """The spool itself is locked while a till has it open."""
        copy = self._home / "copy.db"
        for end in ("", "-wal"):
            path = Path(f"{self._spool / 'spool.db'}{end}")
            Path(f"{copy}{end}").write_bytes(path.read_bytes() if path.exists() else b"")
        return copy

    def grow_older(self, seconds: int) -> None:
        """Lets all that was acknowledged have been so for longer."""
        with closing(sqlite3.connect(self._spool / "spool.db", isolation_level=None)) as connection:
            connection.execute("UPDATE deliveries SET acknowledged_at = acknowledged_at - ?", (seconds,))


def sales(path: Path, first: int, count: int) -> Path:
    """A file of sales of 10 roubles, on days that follow each other."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(first, first + count):
            sale = {
                "type": "sale.registered",
                "at": f"2026-03-{1 + number % 28:02}T12:00:00+03:00",
                "sale_id": f"s{number}",
                "number": str(number),
                "lines": [{"good_id": f"g{number % 7}", "name": "Чай", "quantity": "1", "price": "10.00"}],
                "payments": [{"method": "cash", "amount": "10.00"}],
            }
            file.write(json.dumps(sale, ensure_ascii=False) + "\n")
    return path


def figures(service: Service, account: dict[str, Any]) -> dict[str, Any]:
    """What the owner sees, and how the events are accounted for."""
    service.wait_until_worked_off()
    [outlet] = account["outlets"]
    base = f"/api/v1/outlets/{outlet['outlet_id']}"
    shown = {path: service.get(f"{base}/{path}", account["owner_token"]) for path in ("daily", "payments", "stock")}
    [ledger] = service.command("ledger")["outlets"]
    return {**shown, "ledger": {name: ledger[name] for name in ("applied", "waiting", "quarantined", "missing")}}


def copied(service: Service, folder: Path) -> Service:
    """A service on a copy of the home as it is now: a backup that was put back."""
    home = folder / "restored" / "home"
    home.parent.mkdir()
    subprocess.run(["cp", "-a", service.settings.home, home], check=True)
    return Service(service_settings.read({"WEBOFFICE_HOME": str(home), "WEBOFFICE_PARTITIONS": "3"}))


def test_tills_fill_up_a_service_that_was_put_back(folder: Path) -> None:
    """A till of one file, killed (-9) on its way again and again, doubles and loses nothing; when the service is
    replaced by an older copy of itself, the till asks it, and every figure is there again."""
    home = folder / "original" / "home"
    home.mkdir(parents=True)
    settings = service_settings.read({"WEBOFFICE_HOME": str(home), "WEBOFFICE_PARTITIONS": "3"})
    with running(settings) as service:
        account = service.provision("Лавка")
        till = OneFile(folder, account["outlets"][0]["till_token"])
        first, second = sales(folder / "first.jsonl", 0, 300), sales(folder / "second.jsonl", 300, 1200)
        assert _to_its_end(till.upload(service.url, first)) == 300
        service.wait_until_worked_off()
        restored = copied(service, folder)
        chance = random.Random(13)
        for life in range(_KILLS):
            _killed(till, service.url, second, at_least=300 + 100 * (life + 1), after=chance.uniform(0, 0.1))
        _to_its_end(till.upload(service.url, second))
        expected = figures(service, account)
    assert sum(day["sales"] for day in expected["daily"]) == 1500
    assert expected["ledger"] == {"applied": 1500, "waiting": 0, "quarantined": 0, "missing": []}

    till.grow_older(seconds=900)
    restored.start()
    try:
        assert figures(restored, account)["ledger"]["applied"] == 300
        assert _to_its_end(till.upload(restored.url, second)) == 1200
        assert figures(restored, account) == expected
        restored.command("verify")  # exit code 0: no row differs
    finally:
        restored.stop()


def _to_its_end(process: subprocess.Popen[bytes]) -> int:
    """How many events were acknowledged to a till that was left alone."""
    answer, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return int(json.loads(answer)["events"])


def _killed(till: OneFile, url: str, file: Path, *, at_least: int, after: float) -> None:
    """kill -9 a moment after so many events were acknowledged; the till must not have come to its end."""
    with till.upload(url, file) as process:
        deadline = time.monotonic() + 60
        while till.acknowledged() < at_least:
            assert process.poll() is None, "the till ended by itself"
            assert time.monotonic() < deadline
            time.sleep(0.02)
        time.sleep(after)
        process.kill()
        process.wait()
        assert process.returncode == -9, "the till ended before it was killed"
