"""The gateway's uploads per second, and those of a bare route that awaits the same send."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

from msgspec import Struct

from benchmarks.contenders import ROOT
from benchmarks.live import CONNECTIONS
from benchmarks.servers import Servers, stop
from benchmarks.service import Service, running
from benchmarks.till import Plan
from benchmarks.usage import Watch
from benchmarks.workload import OUTLETS, SEED
from ops.infrastructure.ports import free_port


class Round(Struct, frozen=True):
    """Uploads per second, processor seconds per upload of the web process, cores that others kept busy."""

    rate: float
    cpu: float
    others: float


def rounds(servers: Servers, uploads: int, per_upload: int, count: int) -> Iterator[tuple[Round, Round]]:
    """(the gateway, the bare route) of each round, one after the other; a first round warms up and is not given."""
    with running(servers, web="gateway", workers=()) as service:
        tokens = service.tokens(OUTLETS)
        bare, port = _bare(servers, service)
        try:
            for number in range(count + 1):
                ours = measured(service, plan(service.port, tokens, uploads, per_upload, number))
                theirs = measured(service, plan(port, tokens, uploads, per_upload, number), bare.pid)
                if number:
                    yield ours, theirs
        finally:
            stop(bare)


def measured(service: Service, sending: Plan, pid: int | None = None) -> Round:
    """One round; `pid` of the process that is looked at, by default the web process."""
    pid = pid or service.pids["web"]
    with Watch({"web": pid, **service.servers.pids}) as watch:
        sent = service.send(sending)
    return Round(sent.uploads / sent.seconds, watch.cpu["web"] / sent.uploads, watch.others)


def plan(port: int, tokens: list[str], uploads: int, per_upload: int, number: int) -> Plan:
    sales = uploads * per_upload
    return Plan(port, "/api/v1/uploads", tokens, sales, per_upload, CONNECTIONS, SEED + number, most=uploads)


def _bare(servers: Servers, service: Service) -> tuple[subprocess.Popen[bytes], int]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.bare", servers.kafka, service.settings.topics.unreadable, str(port)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the bare route did not start")
