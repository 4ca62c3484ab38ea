"""Follows what the read API and the database tell while the demo runs, so that its screen shows what is true now."""

from __future__ import annotations

import threading
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from msgspec.structs import replace

from ops.provisioning import AS_THEY_ARE, link_is_used
from ops.terminal.demo_view import Demo, Figures
from schemas.errors import InfrastructureUnreachable

_EVERY_S = 2.0
_ZONE = ZoneInfo(AS_THEY_ARE.zone)
"""That of the demo's outlets."""


class Follower:
    """Asks every two seconds, in a thread, until it is stopped. One that gets no answer says so and goes on asking."""

    def __init__(self, demo: Demo, postgres: str, owner_token: str) -> None:
        self._demo, self._postgres = demo, postgres
        self._headers = {"Authorization": f"Bearer {owner_token}"}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when it asks no more, or after a while where an answer is late."""
        self._stopping.set()
        self._thread.join(_EVERY_S)

    def _follow(self) -> None:
        with httpx.Client(base_url=self._demo.url, headers=self._headers, timeout=10) as client:
            while True:
                try:
                    self._demo.outlets = [_figures(client, outlet) for outlet in _get(client, "/api/v1/outlets")]
                    self._demo.silent = False
                except httpx.HTTPError:
                    self._demo.silent = True
                link = self._demo.link
                with suppress(InfrastructureUnreachable):
                    if link is not None and not link.used and link_is_used(self._postgres, link.address):
                        self._demo.link = replace(link, used=True)
                if self._stopping.wait(_EVERY_S):
                    return


def _figures(client: httpx.Client, outlet: dict[str, Any]) -> Figures:
    today = datetime.now(_ZONE).date().isoformat()
    days = _get(client, f"/api/v1/outlets/{outlet['outlet_id']}/daily", {"from": today, "to": today})
    through = outlet["data_through"]
    return Figures(
        outlet["name"],
        outlet["sales"],
        sum((Decimal(day["revenue"]) for day in days), Decimal()),
        datetime.fromisoformat(through).astimezone(_ZONE) if through else None,
    )


def _get(client: httpx.Client, path: str, parameters: dict[str, str] | None = None) -> Any:
    answer = client.get(path, params=parameters)
    answer.raise_for_status()
    return answer.json()
