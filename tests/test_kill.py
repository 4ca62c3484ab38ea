"""kill -9 of each process, one at a time, while uploads flow: every acknowledged event is counted once."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from ops import settings as service_settings
from ops.settings import Settings
from tests.infrastructure import open_folder
from tests.service import Service, running, wait_until


class Till(threading.Thread):
    """Sends one receipt per upload, each until it is acknowledged, as fast as the service takes them."""

    def __init__(self, service: Service, token: str) -> None:
        super().__init__(daemon=True)
        self._service = service
        self._token = token
        self._run = str(uuid.uuid4())
        self.acknowledged = 0
        self.enough = threading.Event()

    def run(self) -> None:
        with httpx.Client(headers={"Authorization": f"Bearer {self._token}"}, timeout=15) as client:
            while not self.enough.is_set():
                body = _sale(self._run, self.acknowledged + 1)
                try:
                    answer = client.post(f"{self._service.url}/api/v1/uploads", json=body)
                except httpx.TransportError:
                    self.enough.wait(0.05)
                    continue
                if answer.status_code == 202:
                    self.acknowledged += 1
                else:
                    assert answer.status_code in (429, 503), answer.text
                    self.enough.wait(0.05)


def _sale(run: str, number: int) -> dict[str, Any]:
    sale = {
        "type": "sale.registered",
        "at": "2026-03-02T12:00:00+03:00",
        "sale_id": f"s{number}",
        "number": str(number),
        "lines": [{"good_id": "g1", "name": "Чай", "quantity": "1", "price": "10.00"}],
        "payments": [{"method": "cash", "amount": "10.00"}],
    }
    return {"run": run, "first_seq": number, "events": [sale]}


VICTIMS = ("gateway", "web", "anonymise", "project", "supervisor", "kafka", "postgres")
KILLS = 2


@pytest.fixture
def settings(own_servers: None) -> Iterator[Settings]:
    """Of a service with a Kafka and a PostgreSQL of its own, since those are killed, too."""
    with open_folder() as folder:
        yield service_settings.read({"WEBOFFICE_HOME": str(folder / "home"), "WEBOFFICE_PARTITIONS": "3"})


def test_each_acknowledged_sale_is_counted_once(settings: Settings) -> None:
    """Each process is killed again and again while a till sends; the totals are those of the acknowledged receipts."""
    with running(settings) as service:
        account = service.provision("Лавка")
        owner, [outlet] = account["owner_token"], account["outlets"]
        till = Till(service, outlet["till_token"])
        till.start()
        for victim in VICTIMS * KILLS:
            _wait_for_sales(till, f"no progress before {victim} is killed")
            if victim == "supervisor":
                service.kill_supervisor()
                service.start()
            else:
                service.kill(victim)
        _wait_for_sales(till, "no progress at the end")
        till.enough.set()
        till.join(30)
        base = f"/api/v1/outlets/{outlet['outlet_id']}"
        service.wait_until_worked_off()
        [day] = service.get(f"{base}/daily", owner)
        # One more may have been written without its acknowledgement reaching the till.
        assert till.acknowledged <= day["sales"] <= till.acknowledged + 1
        assert day["revenue"] == f"{10 * day['sales']}.00"
        [counts] = service.command("ledger")["outlets"]
        assert counts["applied"] == day["sales"]
        assert counts["read"] == counts["applied"] + counts["duplicate"]


def _wait_for_sales(till: Till, otherwise: str) -> None:
    target = till.acknowledged + 20
    wait_until(lambda: till.acknowledged >= target, otherwise)
