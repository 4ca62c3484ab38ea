"""Ports that are chosen for processes which listen there later."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from ops import metrics, settings
from ops.infrastructure.ports import free_port


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_port_is_chosen_where_no_outgoing_connection_takes_it() -> None:
    """Between the choice and the process that listens there, the system gives it to nobody."""
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 < free_port() < first for _ in range(5))


def test_the_preferred_port_is_kept_where_it_can_be_had(taken: int) -> None:
    """Clients find a restarted server again; a port that is taken is replaced."""
    preferred = free_port()
    assert free_port(preferred) == preferred
    assert free_port(taken) != taken


def test_a_taken_metrics_port_ends_no_process(taken: int, capsys: pytest.CaptureFixture[str]) -> None:
    """The process goes on with another port, and says so: restarted, it would find the port taken again and again."""
    address = metrics.expose(msgspec.structs.replace(settings.read({}), metrics_port=taken))
    assert address != f"http://127.0.0.1:{taken}/metrics"
    assert httpx.get(address, timeout=60).status_code == 200
    assert "metrics_port_taken" in capsys.readouterr().out
