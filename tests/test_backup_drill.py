"""The drill: everything is gone, the backup is restored, the tills send what came after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ops import settings
from ops.settings import Settings
from producers.till.client import TillClient
from tests.infrastructure import open_folder
from tests.service import Service, running
from tests.test_restored import figures


@pytest.fixture
def folder(own_servers: None) -> Iterator[Path]:
    """For the home that is restored and for the till."""
    with open_folder() as path:
        yield path


def sales(first: int, count: int) -> list[dict[str, Any]]:
    return [
        {
            "type": "sale.registered",
            "at": f"2026-03-{1 + number % 28:02}T12:00:00+03:00",
            "sale_id": f"s{number}",
            "number": str(number),
            "lines": [{"good_id": f"g{number % 3}", "name": "Чай", "quantity": "1", "price": "10.00"}],
            "payments": [{"method": "cash", "amount": "10.00"}],
        }
        for number in range(first, first + count)
    ]


def send(service: Service, token: str, folder: Path, events: list[dict[str, Any]], later: timedelta) -> int:
    """The till's events go out, with those that it finds lost; how many were acknowledged."""
    spool = folder / "till" / "spool"
    now = lambda: datetime.now(UTC) + later  # noqa: E731
    with TillClient(service.url, token, spool, state_dir=folder / "state", batch_events=10, now=now) as till:
        if events:
            till.append(events)
        return till.send(give_up_after=60).events


def test_everything_is_gone_and_there_again(service_settings: Settings, folder: Path) -> None:
    """A backup is taken while the service runs, with servers of its own; then there is nothing but the backup and the
    till. Restored into an empty home with embedded servers, every figure is that of the backup, tokens work, and what
    was acknowledged after it the till finds missing by itself and sends again."""
    backup = folder / "office.backup"
    with running(service_settings) as service:
        account = service.provision("Лавка")
        [outlet] = account["outlets"]
        send(service, outlet["till_token"], folder, sales(0, 60), timedelta())
        taken = service.command("backup", str(backup))
        at_backup = figures(service, account)
        send(service, outlet["till_token"], folder, sales(60, 40), timedelta())
        at_the_end = figures(service, account)
    assert taken["uncopied"] == 0
    assert (at_backup["ledger"]["applied"], at_the_end["ledger"]["applied"]) == (60, 100)
    shutil.rmtree(service_settings.home)

    elsewhere = settings.read({"WEBOFFICE_HOME": str(folder / "elsewhere" / "home")})
    elsewhere.home.parent.mkdir()
    restored = Service(elsewhere)
    told = restored.command("restore", str(backup), "--into", str(elsewhere.home))
    assert (told["same"], told["lost"]) == (True, [])
    with running(elsewhere) as service:
        assert figures(service, account) == at_backup
        assert send(service, outlet["till_token"], folder, [], timedelta(minutes=15)) == 40
        assert figures(service, account) == at_the_end
