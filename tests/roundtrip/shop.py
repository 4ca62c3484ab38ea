"""An outlet of a running service: what it sends, and all that the read API says of it."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from msgspec import Struct

from tests.service import Service, wait_until


class Shop(Struct, frozen=True):
    """An outlet with one till; `http` keeps its connections, or a hundred calls would cost more than what they test."""

    service: Service
    http: httpx.Client
    outlet: str
    zone: str
    owner_token: str
    till_token: str

    def send(self, body: bytes) -> httpx.Response:
        """An upload as it stands; asked again while the service says 'not now'."""
        answers: list[httpx.Response] = []
        headers = {"Authorization": f"Bearer {self.till_token}", "Content-Type": "application/json"}

        def answered() -> bool:
            answers.append(self.http.post("/api/v1/uploads", content=body, headers=headers))
            return answers[-1].status_code not in (429, 503)

        wait_until(answered, "the gateway takes nothing")
        return answers[-1]

    def wait_until_applied(self, run: str, through: int) -> None:
        """Returns when the run is applied so far; fails where a part of it is set aside."""
        headers = {"Authorization": f"Bearer {self.till_token}"}

        def applied() -> bool:
            answer = self.http.get("/api/v1/uploads/state", params={"run": run}, headers=headers)
            if answer.status_code != 200:
                return False
            state = answer.json()
            assert state["quarantined"] == [], "answered 202, and can't be folded"
            return bool(state["applied_through"] == through)

        wait_until(applied, "what was acknowledged is not applied")

    def get(self, path: str, **parameters: Any) -> Any:
        """A call below the outlet's address; fails unless it is answered with 200."""
        answers: list[httpx.Response] = []
        headers = {"Authorization": f"Bearer {self.owner_token}"}

        def answered() -> bool:
            answers.append(self.http.get(f"/api/v1/outlets/{self.outlet}{path}", params=parameters, headers=headers))
            return answers[-1].status_code != 503

        wait_until(answered, f"{path} stays unavailable")
        assert answers[-1].status_code == 200, (path, answers[-1].status_code, answers[-1].text)
        return answers[-1].json()

    def card(self, kind: str, of_id: str) -> Any:
        """The card of a sale or a good, whatever its id holds; dots are escaped, or `..` would lead upwards."""
        return self.get(f"/{kind}/{quote(of_id, safe='').replace('.', '%2E')}")

    def all(self, path: str) -> list[Any]:
        """The items of every page of a list, three at a time."""
        items: list[Any] = []
        page = self.get(path, limit=3)
        while page["next"]:
            items += page["items"]
            page = self.get(path, limit=3, after=page["next"])
        return [*items, *page["items"]]


@contextlib.contextmanager
def open_shop(service: Service, zone: str = "Europe/Moscow") -> Iterator[Shop]:
    """A new outlet of an account of its own."""
    account = service.provision("Лавка", email=f"{uuid.uuid4().hex}@example.org", zone=zone)
    [outlet] = account["outlets"]
    with httpx.Client(base_url=service.url, timeout=60) as http:
        yield Shop(service, http, outlet["outlet_id"], zone, account["owner_token"], outlet["till_token"])
