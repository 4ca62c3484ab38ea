"""A whole running service for a test: `weboffice up` as a person starts it, on the test's own database and topics."""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import httpx
import psycopg
from aiokafka.errors import KafkaError

from ops import running as running_file
from ops.commands.status import report
from ops.provisioning import Wish, provision
from ops.settings import Settings
from producers.till.client import TillClient
from schemas.errors import InfrastructureUnreachable

PATIENCE_S = 180.0
"""A service that starts on a machine with many others has needed more than a minute."""


class Service:
    """A running `weboffice up`. `url` is where it serves; its log lines are in `log`."""

    def __init__(self, settings: Settings, arguments: tuple[str, ...] = ()) -> None:
        self.settings = settings
        self.log = settings.home.parent / "up.log"
        self.environment = environment(settings)
        self._arguments = arguments
        self._started = 0
        self.url = ""
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, port: int = 0) -> None:
        """Returns when it printed READY."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "ops", "up", "--port", str(port), *self._arguments],
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        lines: queue.Queue[str] = queue.Queue()
        assert self._process.stdout is not None
        threading.Thread(target=_forward, args=(self._process.stdout, lines), daemon=True).start()
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=PATIENCE_S)
            assert line.startswith("READY "), f"stdout is for READY alone, not for {line!r}"
            self.url = line.split()[1]
            return
        self._process.kill()  # nobody else would end it; its children end with it
        self._process.wait()
        raise AssertionError(f"the service did not become ready:\n{self.log.read_text()[-4000:]}")

    def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def kill_supervisor(self) -> None:
        """SIGKILL of `weboffice up` itself; returns when its children have noticed and are gone."""
        assert self._process is not None
        children = list(self.pids().values())
        self._process.kill()
        self._process.wait()
        wait_until(lambda: not any(map(_runs, children)), "children outlived the supervisor")

    def command(self, *arguments: str, expect: int = 0) -> Any:
        """Runs `weboffice … --json` and returns its document; fails where the exit code is not the expected one."""
        done = subprocess.run(
            [sys.executable, "-m", "ops", *arguments, "--json"],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == expect, (done.returncode, done.stdout[-3000:], done.stderr[-3000:])
        return json.loads(done.stdout) if done.stdout.strip() else None

    def lines(self) -> list[dict[str, Any]]:
        """The log lines so far."""
        found = []
        for line in self.log.read_text().splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
        return [line for line in found if isinstance(line, dict)]

    def pids(self) -> dict[str, int]:
        """Service → process id of the last start."""
        return {line["service"]: line["pid"] for line in self.lines() if line.get("event") == "process_started"}

    def kill(self, name: str, how: signal.Signals = signal.SIGKILL) -> None:
        """Kills one process of the service and returns when the supervisor has started another."""
        killed: list[int] = []

        def kill_now() -> bool:
            pid = self.pids()[name]
            with contextlib.suppress(ProcessLookupError):  # it ended by itself: the next one, then
                os.kill(pid, how)
                killed.append(pid)
            return bool(killed)

        wait_until(kill_now, f"{name} does not run")
        wait_until(lambda: self.pids()[name] not in killed, f"{name} was not started again")

    def provision(
        self,
        *outlets: str,
        email: str = "owner@example.org",
        zone: str = "Europe/Moscow",
        day_begins: int | None = None,
    ) -> dict[str, Any]:
        found = running_file.services(self.settings)
        return provision(found.postgres, email, outlets, Wish(zone, day_begins))

    def get(self, path: str, token: str, **parameters: Any) -> Any:
        """A call of the read API; fails unless it is answered with 200."""
        headers = {"Authorization": f"Bearer {token}"}
        answers: list[httpx.Response] = []

        def answered() -> bool:
            answers.append(httpx.get(f"{self.url}{path}", params=parameters, headers=headers, timeout=30))
            return answers[-1].status_code != 503  # 'try again in a few seconds': after a restart of PostgreSQL

        wait_until(answered, f"{path} stays unavailable")
        assert answers[-1].status_code == 200, (path, answers[-1].status_code, answers[-1].text)
        return answers[-1].json()

    def wait_until_worked_off(self) -> None:
        """Returns when nothing lags: what was acknowledged before is in the read models."""

        def nothing_lags() -> bool:
            try:
                return all(row["lag"] == 0 for row in self._status()["partitions"])
            except (InfrastructureUnreachable, psycopg.OperationalError, KafkaError, OSError):
                return False  # a server that was killed may still be on its way back

        wait_until(nothing_lags, "the log is not worked off", 2 * PATIENCE_S)  # room for a stalled worker's restart

    def _status(self) -> dict[str, Any]:
        """What `weboffice status --json` says, without a process for each time that a test looks.

        In a thread, since a test may run in an event loop.
        """
        found = running_file.services(self.settings)
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(report, found.kafka, found.postgres, self.settings.topics).result()


def environment(settings: Settings) -> dict[str, str]:
    """What a process of the service with these settings finds in its environment."""
    return {
        **os.environ,
        "WEBOFFICE_KAFKA": settings.kafka,
        "WEBOFFICE_POSTGRES": settings.postgres,
        "WEBOFFICE_HOME": str(settings.home),
        "WEBOFFICE_TOPIC_PREFIX": settings.topics.prefix,
        "WEBOFFICE_PARTITIONS": str(settings.partitions),
        "WEBOFFICE_PAYMENT_SECRET": settings.payment_secret,
        "WEBOFFICE_LOG": "json",
    }


@contextlib.contextmanager
def running(settings: Settings, *arguments: str) -> Iterator[Service]:
    """A service that is stopped at the end, whatever happens; it must have stopped cleanly."""
    service = Service(settings, arguments)
    service.start()
    try:
        yield service
    except BaseException:
        sys.stderr.write(service.log.read_text()[-6000:])
        raise
    finally:
        code = service.stop()
    assert code == 0


def upload_file(url: str, path: Path, token: str) -> None:
    """Sends a file of events through the till client, as a shop's computer would."""
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        till = stack.enter_context(TillClient(url, token, Path(folder) / "spool"))
        with gzip.open(path, "rt") as lines:
            till.append([json.loads(line) for line in lines])
        till.send()


def wait_until(condition: Callable[[], bool], otherwise: str, within: float = PATIENCE_S) -> None:
    """Waits for a condition, with a bound."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.05)


def _forward(stream: IO[bytes], lines: queue.Queue[str]) -> None:
    with stream:
        for line in stream:
            lines.put(line.decode().strip())


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(")")[1][:3]
