"""kill -9 of each process, one at a time, while uploads flow: every acknowledged event is counted once."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import httpx
import msgspec
import pytest

from ops.settings import Settings
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


@pytest.mark.parametrize("victim", ["web", "anonymise", "project", "supervisor", "kafka", "postgres"])
def test_each_acknowledged_sale_is_counted_once(service_settings: Settings, victim: str, alone: None) -> None:
    """A process is killed three times while a till sends; the totals are those of the acknowledged receipts."""
    if victim in ("kafka", "postgres"):  # then they have to be the service's own
        service_settings = msgspec.structs.replace(service_settings, kafka="", postgres="")
    with running(service_settings) as service:
        account = service.provision("Лавка")
        owner, [outlet] = account["owner_token"], account["outlets"]
        till = Till(service, outlet["till_token"])
        till.start()
        for round_ in range(3):
            target = till.acknowledged + 20
            wait_until(lambda target=target: till.acknowledged >= target, f"no progress in round {round_}")  # type: ignore[misc]
            if victim == "supervisor":
                port = int(service.url.rsplit(":", 1)[1])
                service.kill_supervisor()
                service.start(port)
            else:
                service.kill(victim)
        target = till.acknowledged + 20
        wait_until(lambda: till.acknowledged >= target, "no progress at the end")
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
