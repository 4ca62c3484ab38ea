"""From a file handed in at the portal to the owner's figures, through the worker of a running service."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ops.provisioning import create_sign_in_link
from tests.producers.importers.reading import DATA, csv_file
from tests.service import Service, wait_until

OWNER = "portal@shop.example"


class Owner:
    """A signed-in browser, at one outlet's page."""

    def __init__(self, service: Service, name: str) -> None:
        account = service.provision(name, email=OWNER)
        [outlet] = account["outlets"]
        self.token: str = account["owner_token"]
        self.outlet_id: str = outlet["outlet_id"]
        self._http = httpx.Client(
            base_url=service.url, follow_redirects=True, timeout=60, headers={"Sec-Fetch-Site": "same-origin"}
        )
        link = create_sign_in_link(service.settings.postgres, OWNER, service.url)
        assert self._http.post(link).status_code == 200
        self._base = f"/outlets/{self.outlet_id}/import"

    def hand_in(self, format_name: str, *paths: Path) -> str:
        """The page once the file was read."""
        files = [("file", (path.name, path.read_bytes())) for path in paths]
        answer = self._http.post(self._base, data={"format": format_name}, files=files)
        assert answer.status_code == 200, answer.text
        return self.waited()

    def waited(self) -> str:
        pages: list[str] = []

        def ready() -> bool:
            pages.append(self._http.get(self._base).text)
            return "aria-busy" not in pages[-1]

        wait_until(ready, "the import does not end", 120)
        return pages[-1]

    def press(self, action: str, **form: str) -> str:
        """Sends a form of the latest import."""
        [address, *_] = re.findall(rf'action="({self._base}/[^"]+/{action})"', self._http.get(self._base).text)
        assert self._http.post(address, data=form).status_code == 200
        return self.waited()

    def close(self) -> None:
        self._http.close()


@pytest.fixture
def owner(service: Service, request: pytest.FixtureRequest) -> Iterator[Owner]:
    found = Owner(service, request.node.name)
    yield found
    found.close()


def test_receipts_are_read_confirmed_and_equal(service: Service, owner: Owner) -> None:
    """A receipts file: read and shown, brought in, equal to the kopeck; handed in again, nothing is new."""
    path = DATA / "receipts" / "receipts.json"
    page = owner.hand_in("receipts", path)
    assert "24 дек. 2024" in page
    assert "Проверьте и загрузите" in page
    daily = f"/api/v1/outlets/{owner.outlet_id}/daily"
    always = {"from": "2000-01-01", "to": "2100-01-01"}
    assert service.get(daily, owner.token, **always) == []
    page = owner.press("confirm")
    assert "Цифры сервиса равны цифрам файла" in page
    days = {row["day"]: row["revenue"] for row in service.get(daily, owner.token, **always)}
    assert days["2024-12-24"] == "2918.38"
    assert days["2024-12-26"] == "2200.00"
    assert "Сверить: нового нет" in owner.hand_in("receipts", path)


def test_a_question_a_bad_row_and_a_killed_worker(service: Service, owner: Owner, tmp_path: Path) -> None:
    """The number is asked about, the bad row named; the worker is killed, and the stock is counted all the same."""
    rows = [["Код", "Наименование", "Цена", "Остаток"], ["1", "Чай", "100", "3,450"], ["2", "Кофе", "сто", "1"]]
    path = csv_file(tmp_path / "goods.csv", rows)
    page = owner.hand_in("goods", path)
    assert "Какой знак отделяет дробную часть?" in page
    assert "3,450" in page
    page = owner.press("answer", key="decimal", answer=",")
    assert "здесь должно быть число" in page
    os.kill(service.pids()["import"], signal.SIGKILL)
    page = owner.press("confirm")
    assert "Загружено" in page
    [good] = service.get(f"/api/v1/outlets/{owner.outlet_id}/stock", owner.token)["items"]
    assert (good["good_id"], good["quantity"]) == ("1", "3.45")


def test_a_file_that_is_something_else(owner: Owner) -> None:
    """What can't be brought in is said on the page."""
    page = owner.hand_in("receipts", DATA / "goods" / "ostatki-cp1251.csv")
    assert "Загрузить нельзя" in page
