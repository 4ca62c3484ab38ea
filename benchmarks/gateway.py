"""The gateway's uploads per second, and those of a bare route that awaits the same send."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from benchmarks.contenders import ROOT
from benchmarks.live import CONNECTIONS
from benchmarks.servers import Servers, stop
from benchmarks.service import Service, running
from benchmarks.till import Plan, Sent
from benchmarks.workload import OUTLETS, SEED
from ops.infrastructure.ports import free_port


def rates(servers: Servers, sales: int, per_upload: int, rounds: int) -> list[tuple[float, float]]:
    """(the gateway's uploads per second, the bare route's) of each round, one after the other."""
    found = []
    with running(servers, web="gateway", workers=()) as service:
        tokens = service.tokens(OUTLETS)
        bare, port = _bare(servers, service)
        try:
            for number in range(rounds + 1):
                ours = service.send(_plan(service.port, tokens, sales, per_upload, number))
                theirs = service.send(_plan(port, tokens, sales, per_upload, number))
                if number:  # the first round is for warming up
                    found.append((_rate(ours), _rate(theirs)))
        finally:
            stop(bare)
    return found


def _plan(port: int, tokens: list[str], sales: int, per_upload: int, number: int) -> Plan:
    return Plan(port, "/api/v1/uploads", tokens, sales, per_upload, CONNECTIONS, SEED + number)


def _rate(sent: Sent) -> float:
    return sent.uploads / sent.seconds


def _bare(servers: Servers, service: Service) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare", servers.kafka, service.settings.topics.unreadable, str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    import socket

    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the bare route did not start")
