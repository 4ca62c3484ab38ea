"""1С speaks to the gateway as it speaks to a site: what it sends is in the owner's figures."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import httpx
import psycopg
import pytest

from tests.producers.importers.reading import DATA
from tests.service import Service, wait_until

CATALOGUE, OFFERS = (DATA / "commerceml" / name for name in ("import.xml", "offers.xml"))
_PIECE = 50_000


class OneC:
    """The exchange as 1С does it: sign in, ask for the limits, send files in pieces, have them imported."""

    def __init__(self, url: str, token: str, path: str = "/api/v1/uploads/1c") -> None:
        self._http = httpx.Client(base_url=f"{url}{path}", auth=("1С", token), timeout=60)

    def ask(self, mode: str, content: bytes | None = None, **parameters: str) -> list[str]:
        query = {"type": "catalog", "mode": mode, **parameters}
        method = "POST" if content is not None else "GET"
        answer = self._http.request(method, "", params=query, content=content)
        self.status = answer.status_code
        return answer.text.splitlines()

    def sign_in(self) -> None:
        word, name, value = self.ask("checkauth")[:3]
        assert word == "success"
        self._http.cookies.set(name, value)

    def send(self, name: str, content: bytes) -> None:
        for start in range(0, len(content), _PIECE):
            assert self.ask("file", content[start : start + _PIECE], filename=name) == ["success"]

    def bring_in(self, name: str) -> list[str]:
        """The last answer, after as many `progress` as it takes."""
        answers: list[list[str]] = []

        def ended() -> bool:
            answers.append(self.ask("import", filename=name))
            return answers[-1][0] != "progress"

        wait_until(ended, "the import does not end", 120)
        return answers[-1]

    def close(self) -> None:
        self._http.close()


class Shop:
    def __init__(self, service: Service, name: str) -> None:
        account = service.provision(name)
        [outlet] = account["outlets"]
        self.service, self.outlet_id, self.token = service, outlet["outlet_id"], outlet["till_token"]
        self._owner = account["owner_token"]

    def goods(self) -> list[dict[str, Any]]:
        path = f"/api/v1/outlets/{self.outlet_id}/stock"
        goods: list[dict[str, Any]] = self.service.get(path, self._owner, limit=500)["items"]
        return goods


@contextlib.contextmanager
def speaking(shop: Shop, path: str = "/api/v1/uploads/1c") -> Iterator[OneC]:
    one_c = OneC(shop.service.url, shop.token, path)
    try:
        yield one_c
    finally:
        one_c.close()


def test_a_whole_exchange(service: Service) -> None:
    """Catalogue, offers and a picture: the goods are there with price and stock; the same again changes nothing."""
    shop = Shop(service, "1c")
    with speaking(shop) as one_c:
        for _ in range(2):
            one_c.sign_in()
            assert one_c.ask("init")[0] == "zip=no"
            one_c.send("import.xml", CATALOGUE.read_bytes())
            one_c.send("import_files/1/picture.jpg", b"\xff\xd8" * 1000)
            one_c.send("offers.xml", OFFERS.read_bytes())
            assert one_c.bring_in("import.xml")[0] == "success"
            assert one_c.bring_in("offers.xml")[0] == "success"
            assert one_c.ask("complete") == ["success"]
            goods = shop.goods()
            assert len(goods) == 43  # one of the 44 offers is marked «Удален»
            assert sum(Decimal(good["quantity"]) for good in goods) == Decimal(2814)
            assert "Коврики для дома" in {good["category"] for good in goods}


def test_who_is_not_let_in(service: Service) -> None:
    """Without a token that is known, 1С is told; without a session, a file is not taken."""
    shop = Shop(service, "1c closed")
    with speaking(shop) as one_c:
        assert one_c.ask("init")[0] == "failure"
        assert one_c.ask("file", b"<x/>", filename="import.xml")[0] == "failure"
        one_c.sign_in()
        assert one_c.ask("file", b"<x/>", filename="")[0] == "failure"
        assert one_c.ask("import", filename="offers.xml")[0] == "failure"
        assert one_c.ask("query")[0] == "failure"
    stranger = OneC(service.url, "wo_till_unknown")
    assert stranger.ask("checkauth")[0] == "failure"
    assert stranger.status == 401
    stranger.close()


def test_the_cookie_of_another_till_opens_nothing(service: Service) -> None:
    """A session belongs to the till that began it."""
    ours, theirs = Shop(service, "1c ours"), Shop(service, "1c theirs")
    with speaking(ours) as one_c, speaking(theirs) as other:
        one_c.sign_in()
        other._http.cookies.update(one_c._http.cookies)
        assert other.ask("init")[0] == "failure"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (CATALOGUE.read_bytes()[:5000], "не целый XML"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", "объявляет сущности"),
    ],
)
def test_a_broken_file_is_a_failure(service: Service, content: bytes, said: str) -> None:
    """1С is told what is wrong with the file, and nothing of it is brought in."""
    shop = Shop(service, f"1c broken {said}")
    with speaking(shop) as one_c:
        one_c.sign_in()
        one_c.send("import.xml", content)
        answer = one_c.bring_in("import.xml")
    assert answer[0] == "failure"
    assert said in answer[1]
    assert shop.goods() == []


def test_the_kind_of_price_stands_in_the_address(service: Service) -> None:
    """Where there are several kinds of prices, the address names the one of sale; without it 1С is told."""
    other = OFFERS.read_text("utf-8-sig").replace(
        "</ТипыЦен>", "<ТипЦены><Ид>w</Ид><Наименование>Оптовая</Наименование></ТипЦены></ТипыЦен>"
    )
    shop = Shop(service, "1c prices")
    with speaking(shop) as one_c:
        one_c.sign_in()
        one_c.send("offers.xml", other.encode())
        assert one_c.bring_in("offers.xml")[0] == "failure"
    with speaking(shop, "/api/v1/uploads/1c/BASE") as one_c:
        one_c.sign_in()
        one_c.send("offers.xml", other.encode())
        assert one_c.bring_in("offers.xml")[0] == "success"
    assert {good["max_price"] for good in shop.goods()} == {"100.00"}


def test_a_killed_worker_is_followed_by_another(service: Service) -> None:
    """Killed while a file waits or is brought in, the worker's successor brings it in: once."""
    shop = Shop(service, "1c killed")
    with speaking(shop) as one_c:
        one_c.sign_in()
        one_c.send("offers.xml", OFFERS.read_bytes())
        os.kill(service.pids()["import"], signal.SIGSTOP)
        pid = service.pids()["import"]
        assert one_c.ask("import", filename="offers.xml")[0] == "progress"
        os.kill(pid, signal.SIGKILL)
        assert one_c.bring_in("offers.xml")[0] == "success"
    assert len(shop.goods()) == 44


def test_nothing_is_left_of_files_that_were_brought_in(service: Service) -> None:
    """What is done or failed holds no file any more."""
    with psycopg.connect(service.settings.postgres) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM app.import_files JOIN app.imports USING (import_id) WHERE state IN ('done', 'failed')"
        ).fetchall()
    assert rows == [(0,)]
