"""The drill: everything is gone, the backup is restored, the tills send what came after it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from ops import settings
from ops.provisioning import create_sign_in_link
from ops.running import services
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


class Books:
    """The owner in a browser: closes a month, and looks at what stands of it."""

    def __init__(self, service: Service) -> None:
        link = create_sign_in_link(services(service.settings).postgres, "owner@example.org", service.url)
        self._http = httpx.Client(base_url=service.url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60)
        self._http.get(link)  # signs in at once

    def close(self) -> None:
        self._http.close()

    def close_month(self, outlet: str) -> str:
        """The card's path."""
        answer = self._http.post("/closings", data={"outlet": outlet, "month": "2026-03"})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"]).partition("?")[0]

    def shown(self, card: str) -> tuple[str, str, bytes]:
        """What the list of closings and the card say, and the signed file."""
        pages = [self._http.get(path) for path in ("/closings", card)]
        assert [page.status_code for page in pages] == [200, 200]
        mains = [page.text.partition("<main")[2].partition("</main>")[0] for page in pages]
        return mains[0], mains[1], self._http.get(f"{card}/closing.json").content


def test_everything_is_gone_and_there_again(service_settings: Settings, folder: Path) -> None:
    """A backup is taken while the service runs, with servers of its own; then there is nothing but the backup and the
    till. Restored into an empty home with embedded servers, every figure is that of the backup, tokens work, and what
    was acknowledged after it the till finds missing by itself and sends again.

    A closed month, with what came after it, stands as it was after a rebuild and after the restore. Its file checks by
    the key that was kept, also when the account is deleted and the closing gone."""
    backup, key, file = folder / "office.backup", folder / "closing-key.pem", folder / "closing.json"
    with ExitStack() as stack, running(service_settings) as service:
        account = service.provision("Лавка")
        [outlet] = account["outlets"]
        send(service, outlet["till_token"], folder, sales(0, 59), timedelta())
        service.wait_until_worked_off()
        books = stack.enter_context(closing(Books(service)))
        card = books.close_month(outlet["outlet_id"])
        send(service, outlet["till_token"], folder, sales(59, 1), timedelta())
        service.wait_until_worked_off()
        closed = books.shown(card)
        assert "Продажа №59" in closed[1]
        file.write_bytes(closed[2])
        key.write_text("".join(each["pem"] for each in service.command("closing-key")))
        service.command("rebuild")
        assert books.shown(card) == closed
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
    with ExitStack() as stack, running(elsewhere) as service:
        assert figures(service, account) == at_backup
        assert stack.enter_context(closing(Books(service))).shown(card) == closed
        restored.command("check-closing", str(file), "--key", str(key))  # exit code 0
        assert send(service, outlet["till_token"], folder, [], timedelta(minutes=15)) == 40
        assert figures(service, account) == at_the_end
        service.command("account", "delete", "owner@example.org", "--yes")
        with psycopg.connect(services(elsewhere).postgres) as connection:
            assert connection.execute("SELECT count(*) FROM app.closings").fetchone() == (0,)
        restored.command("check-closing", str(file), "--key", str(key))
