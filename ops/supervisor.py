"""Keeps the processes of the service running: one that died is started again, and it is said so."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable

import structlog
from msgspec import Struct

from ops import processes

log = structlog.get_logger(__name__)

HEALTHY_AFTER_S = 30.0
LONGEST_WAIT_S = 2.0


class Backoff:
    """How long to wait before a restart: not at all at first, then up to 2 s, forgotten after 30 s of health."""

    def __init__(self) -> None:
        self._failures = 0

    def wait_after(self, lived_s: float) -> float:
        """Seconds to wait after a process that lived for `lived_s` seconds."""
        if lived_s >= HEALTHY_AFTER_S:
            self._failures = 0
        self._failures += 1
        return 0.0 if self._failures == 1 else min(LONGEST_WAIT_S, 0.25 * 2 ** (self._failures - 2))


class Service(Struct, frozen=True):
    """A process to keep: `start` starts it, `process` is the one that runs already.

    Those with a lower `stop_rank` are stopped before the others. One that ended with a code in `done` has done its work
    and is not started again; without any it is to run for ever.
    """

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    stop_rank: int = 0
    process: subprocess.Popen[bytes] | None = None
    done: frozenset[int] = frozenset()


class State(Struct, frozen=True):
    """How a service is: `since` is when its process started (`time.monotonic`), `restarts` how often it was again."""

    name: str
    runs: bool
    since: float
    restarts: int
    done: bool


class _Kept:
    def __init__(self, service: Service) -> None:
        self.service = service
        self.backoff = Backoff()
        self.process = service.process
        self.started_at = time.monotonic()
        self.start_at = 0.0
        self.done = False
        self.starts = 0 if service.process is None else 1


class Supervisor:
    """Starts services and watches them until `stopping` is set. Runs in the main thread (see `processes.spawn`)."""

    def __init__(self, services: list[Service], stopping: threading.Event) -> None:
        self._kept = [_Kept(service) for service in services]
        self._stopping = stopping
        for kept in self._kept:
            if kept.process is not None:
                log.info("process_started", service=kept.service.name, pid=kept.process.pid)

    def watch(self, until: Callable[[], bool] = lambda: False) -> None:
        """Returns when `stopping` is set or `until()` is true."""
        while not self._stopping.is_set():
            for kept in self._kept:
                self._look_after(kept)
            if until():
                return
            self._stopping.wait(0.05)

    def _look_after(self, kept: _Kept) -> None:
        if kept.done:
            return
        now = time.monotonic()
        if kept.process is None:
            if now >= kept.start_at:
                kept.process = kept.service.start()
                kept.started_at = now
                kept.starts += 1
                log.info("process_started", service=kept.service.name, pid=kept.process.pid)
            return
        code = kept.process.poll()
        if code is not None and code in kept.service.done:
            log.info("process_done", service=kept.service.name, pid=kept.process.pid, code=code)
            kept.process, kept.done = None, True
        elif code is not None:
            wait = kept.backoff.wait_after(now - kept.started_at)
            log.warning(
                "process_ended", service=kept.service.name, pid=kept.process.pid, code=code, restart_in_seconds=wait
            )
            kept.process = None
            kept.start_at = now + wait

    def pids(self) -> dict[str, int]:
        """Service → process id of those that run now."""
        return {kept.service.name: kept.process.pid for kept in self._kept if kept.process is not None}

    def states(self) -> list[State]:
        """How each service is now. May be called from any thread."""
        return [
            State(kept.service.name, kept.process is not None, kept.started_at, max(0, kept.starts - 1), kept.done)
            for kept in self._kept
        ]

    def stop(self, timeout: float = 10) -> None:
        """Stops all of them, those of a lower rank first, each rank at the same time."""
        for rank in sorted({kept.service.stop_rank for kept in self._kept}):
            threads = [
                threading.Thread(target=processes.stop, args=(kept.process,), kwargs={"timeout": timeout})
                for kept in self._kept
                if kept.service.stop_rank == rank and kept.process is not None
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
