"""Tills with a real client and a spool on disk: what the service loses, they bring back by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from producers.till.client import TillClient
from tests.faults.tills import Run

_PATIENCE_S = 120.0
_LATER = timedelta(hours=2)
"""A till asks once an hour, for what was acknowledged more than ten minutes ago."""


class RealTill:
    """A till with its spool, opened anew for each call, as after a restart. `run` is what it sent."""

    def __init__(self, url: str, outlet: str, till: str, token: str, folder: Path) -> None:
        self._url, self._token, self._folder = url, token, folder
        with self._client() as client:
            run = client.spool.run
        self.run = Run(outlet, till, token, run)

    def sell(self, chance: Random, count: int) -> None:
        """Spools some receipts and sends them."""
        first, last = self.run.grow(chance, count)
        with self._client() as client:
            client.append([event.sent for event in self.run.events[first - 1 : last] if event])
            client.send(give_up_after=_PATIENCE_S)
        self.run.acknowledged.update(range(first, last + 1))
        self.run.settled.update(range(first, last + 1))

    def some_time_later(self) -> None:
        """The till is switched on again after two hours: it asks what the service has, and sends the rest."""
        with self._client(_LATER) as client:
            client.send(give_up_after=_PATIENCE_S)

    def _client(self, later: timedelta = timedelta()) -> TillClient:
        return TillClient(
            self._url,
            self._token,
            self._folder / "spool",
            state_dir=self._folder / "state",
            batch_events=7,
            now=lambda: datetime.now(UTC) + later,
        )
