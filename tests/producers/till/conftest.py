"""Fixtures of the till's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from producers.till import TillClient
from tests.producers.till.gateway import Gateway, serving


class Pauses(list[float]):
    """A clock that moves only when somebody sleeps; the list holds the pauses."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def sleep(self, seconds: float) -> None:
        self.append(seconds)
        self.now += seconds

    def clock(self) -> float:
        return self.now


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A running gateway that records."""
    with serving() as found:
        yield found


@pytest.fixture
def pauses() -> Pauses:
    """What the client sleeps on."""
    return Pauses()


OpenTill = Callable[..., TillClient]


@pytest.fixture
def till(gateway: Gateway, tmp_path: Path, pauses: Pauses) -> Iterator[OpenTill]:
    """Opens a till client of the recording gateway; settings may be given. All are closed at the end."""
    opened: list[TillClient] = []

    def open_till(spool: str = "spool", **settings: Any) -> TillClient:
        given = {"sleep": pauses.sleep, "clock": pauses.clock, "state_dir": tmp_path / "state", **settings}
        client = TillClient(given.pop("url", gateway.url), "wo_till_test", tmp_path / spool, **given)
        opened.append(client)
        return client

    yield open_till
    for client in opened:
        client.close()


def moved(number: int, **fields: Any) -> dict[str, Any]:
    """A small event that tells itself from others."""
    return {
        "type": "stock.moved",
        "at": "2026-03-01T12:00:00+03:00",
        "move_id": f"m{number}",
        "good_id": "g1",
        "warehouse_id": "main",
        "quantity": "1",
        "reason": "receipt",
        **fields,
    }
