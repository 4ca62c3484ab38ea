"""A whole running system that can be hurt.

Kafka and PostgreSQL are each behind a proxy and, where that can be had, on a disk that can be full; on top of them runs
`weboffice up`, with more workers beside it and a proxy between the tills and the gateway.

Everything is started from the main thread and hurt from there.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import psutil
import psycopg
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError

from ops import settings as service_settings
from ops import topics
from ops.commands.status import report
from ops.infrastructure.kafka import EmbeddedKafka
from ops.infrastructure.ports import free_port
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.settings import Settings
from schemas import brokers
from schemas.errors import InfrastructureUnreachable
from schemas.failpoints import POINTS, VARIABLE
from schemas.topics import Topics
from tests.faults.disk import Disk, mounts
from tests.faults.proxy import Proxy
from tests.infrastructure import open_folder
from tests.service import Service, environment, wait_until

ZONE = "Europe/Moscow"
RECOVERS_WITHIN_S = 240.0
AWAY_FOR_S = float(os.environ.get("OUTAGE_SECONDS", "8"))
"""How long an outage lasts in tests of outages; `make outages` sets ten minutes."""
_SOCKET = ".s.PGSQL.5432"


class Broker(EmbeddedKafka):
    """The embedded broker, telling clients to come through a proxy."""

    def __init__(self, home: Path, cache: Path, advertised: int) -> None:
        super().__init__(home, cache)
        self._file = home / "server.properties"
        self._advertised = advertised

    def _configure(self) -> None:
        super()._configure()
        told = f"advertised.listeners=CLIENTS://127.0.0.1:{self.port}"
        text = self._file.read_text()
        assert told in text
        self._file.write_text(text.replace(told, f"advertised.listeners=CLIENTS://127.0.0.1:{self._advertised}"))


class FaultyService(Service):
    """`weboffice up` with fail points."""

    def __init__(self, settings: Settings, points: Path) -> None:
        super().__init__(settings)
        self.environment |= {VARIABLE: str(points)}


class System:
    """See above. `url` is where tills send, through the network; `direct` is where an owner looks, past it."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self.kafka_port, self.till_port, self.port = free_port(), free_port(), free_port()
        self.url, self.direct = f"http://127.0.0.1:{self.till_port}", f"http://127.0.0.1:{self.port}"
        self.disks: dict[str, Disk] = {}
        homes = {name: folder / "disks" / name for name in ("kafka", "postgres")}
        if mounts():
            for name, home in homes.items():
                self.disks[name] = stack.enter_context(Disk(home, 3 * 1024))
        cache = service_settings.read(
            {"WEBOFFICE_HOME": str(folder), "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", "")}
        ).cache
        self.broker = Broker(homes["kafka"], cache, self.kafka_port)
        self.database = EmbeddedPostgres(homes["postgres"])
        for server in (self.broker, self.database):
            server.prepare()
            server.start()
            stack.callback(server.stop)
        for server in (self.broker, self.database):
            server.wait_ready()
        sockets = folder / "sockets"
        sockets.mkdir()
        self.postgres = self.database.address.replace(f"host={self._socket.parent}", f"host={sockets}")
        self.network = {
            "kafka": stack.enter_context(Proxy(self.broker.port, self.kafka_port)),
            "postgres": stack.enter_context(Proxy(self._socket, sockets / _SOCKET)),
            "tills": stack.enter_context(Proxy(self.port, self.till_port)),
        }
        defaults = service_settings.read({"WEBOFFICE_HOME": str(folder / "home"), "WEBOFFICE_PARTITIONS": "3"})
        self.settings = msgspec.structs.replace(
            defaults, kafka=self.broker.address_at(self.kafka_port), postgres=self.postgres, topics=Topics("f-")
        )
        self.points = folder / "points"
        self.points.mkdir()
        self.service = FaultyService(self.settings, self.points)
        self.workers: dict[str, list[subprocess.Popen[bytes]]] = {"anonymise": [], "project": []}
        self.stopped: set[int] = set()  # process ids that stand still
        self.refusing = False  # whether Kafka takes no writes into some topic

    @property
    def _socket(self) -> Path:
        return Path(self.database.address.split("host=")[1]) / _SOCKET

    # --- processes ---

    def pids(self, name: str) -> list[int]:
        """The processes that do the work `name` now, the service's own first."""
        extra = [process.pid for process in self.workers.get(name, []) if process.poll() is None]
        own = self.service.pids().get(name)
        return [pid for pid in [own, *extra] if pid is not None and psutil.pid_exists(pid)]

    def kill(self, name: str) -> None:
        """kill -9 of one process of the service, which the supervisor starts again."""
        self.service.kill(name)

    def kill_supervisor(self) -> None:
        """kill -9 of `weboffice up`; its processes leave with it; a new one is started."""
        self.resume()
        self.service.kill_supervisor()
        self.service.start(self.port)

    def add_worker(self, name: str) -> None:
        log = (self.folder / f"{name}-{time.monotonic_ns()}.log").open("wb")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", "ops", "work", name],
                env={**environment(self.settings), VARIABLE: str(self.points)},
                stderr=log,
            )
        self.workers[name].append(process)

    def end_worker(self, name: str, how: signal.Signals) -> None:
        """Ends the oldest extra worker; asked politely, it leaves within 10 seconds."""
        process = self.workers[name].pop(0)
        if process.pid in self.stopped:
            self.resume(process.pid)
        process.send_signal(how)
        process.wait(12)

    def end_workers(self) -> None:
        """Asks every extra worker to leave."""
        for name, processes in self.workers.items():
            while processes:
                self.end_worker(name, signal.SIGTERM)

    def pause(self, pid: int) -> None:
        """SIGSTOP."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)
            self.stopped.add(pid)

    def resume(self, pid: int | None = None) -> None:
        """SIGCONT, of all that stand still where none is named."""
        for one in [pid] if pid is not None else list(self.stopped):
            self.stopped.discard(one)
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGCONT)

    def stands_still(self, pid: int) -> bool:
        with contextlib.suppress(psutil.NoSuchProcess):
            return bool(psutil.Process(pid).status() == psutil.STATUS_STOPPED)
        return False

    # --- servers ---

    def kill_kafka(self) -> None:
        """kill -9 of the broker; it stays away until `start_kafka`."""
        assert self.broker.process is not None
        self.broker.process.kill()
        self.broker.process.wait()

    def start_kafka(self) -> None:
        if self.broker.process is None or self.broker.process.poll() is not None:
            self.broker.restart()

    def refuse_writes(self, *names: str) -> None:
        """The broker answers and takes no record into these topics, or into all again. Raises aiokafka's errors."""
        self.refusing = True
        asyncio.run(self._set_topics({getattr(self.settings.topics, name) for name in names}))
        self.refusing = bool(names)

    async def _set_topics(self, refused: set[str]) -> None:
        admin = AIOKafkaAdminClient(**brokers.options(self.broker.address), request_timeout_ms=10_000)
        try:
            await admin.start()
            said = topics.configuration(self.settings.topics, self.settings.uploads_days)
            answers = await admin.alter_configs(
                [
                    ConfigResource(
                        ConfigResourceType.TOPIC,
                        name,
                        configs={**configs, **({"max.message.bytes": "1"} if name in refused else {})},
                    )
                    for name, configs in said.items()
                ]
            )
            assert all(not code for answer in answers for code, *_ in answer.resources), answers
        finally:
            await admin.close()

    def kill_postgres(self) -> None:
        """kill -9 of the postmaster and all its processes."""
        assert self.database.process is not None
        with contextlib.suppress(psutil.NoSuchProcess):
            family = psutil.Process(self.database.process.pid).children(recursive=True)
            self.database.process.kill()
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
        self.database.process.wait()

    def start_postgres(self) -> None:
        if self.database.process is None or self.database.process.poll() is not None:
            self.database.restart()

    # --- fail points ---

    def arm(self, point: str, order: str = "kill") -> None:
        """The next process that comes by the point ends, or stands still."""
        assert point in POINTS
        new = self.points / f".{point}"
        new.write_text(order)
        new.rename(self.points / point)

    def disarm(self) -> set[str]:
        """Takes away what was armed; returns the points that nobody came by."""
        left = set()
        for armed in self.points.iterdir():
            armed.unlink(missing_ok=True)
            left.add(armed.name)
        return left

    def armed(self, point: str) -> bool:
        return (self.points / point).exists()

    # --- health ---

    def heal(self) -> None:
        """Ends every fault that lasts. What was killed is started again, or will be by the supervisor."""
        for disk in self.disks.values():
            disk.free()
        for proxy in self.network.values():
            proxy.heal()
        self.disarm()
        self.resume()
        # A process that stopped itself at a fail point.
        for pid in [*self.service.pids().values(), *(p.pid for some in self.workers.values() for p in some)]:
            if self.stands_still(pid):
                self.resume(pid)
        self.start_kafka()
        self.start_postgres()

    def wait_healthy(self) -> None:
        """Returns when the service says it is ready."""
        self.heal()

        def ready() -> bool:
            self.start_kafka()
            self.start_postgres()
            try:
                if self.refusing:
                    self.refuse_writes()
                return httpx.get(f"{self.direct}/readyz", timeout=5).status_code == 200
            except (httpx.TransportError, KafkaError, OSError):
                return False

        wait_until(ready, "the service does not become ready again", RECOVERS_WITHIN_S)

    def wait_worked_off(self) -> None:
        """Returns when every order is sent and nothing lags."""
        said: list[object] = []

        def nothing_lags() -> bool:
            said[:] = self._waiting()
            return not said

        try:
            wait_until(nothing_lags, "", RECOVERS_WITHIN_S)
        except AssertionError as exc:
            raise AssertionError(f"the log is not worked off: {said}\n{self._sessions()}") from exc

    def _waiting(self) -> list[object]:
        try:
            with psycopg.connect(self.postgres, connect_timeout=5) as connection:
                orders = connection.execute("SELECT count(*) FROM app.outbox").fetchone()
            if orders and orders[0]:
                return [f"{orders[0]} orders in the outbox"]
            found = report(self.settings.kafka, self.postgres, self.settings.topics)
            return [row for row in found["partitions"] if row["lag"]]
        except (psycopg.OperationalError, InfrastructureUnreachable, KafkaError, OSError) as exc:
            return [repr(exc)]

    def _sessions(self) -> str:
        """Who is at what in PostgreSQL, for a message."""
        with psycopg.connect(self.database.address) as connection:
            found = connection.execute(
                "SELECT pid, application_name, state, wait_event, now() - state_change, left(query, 80)"
                " FROM pg_stat_activity WHERE client_port IS NOT NULL"
            ).fetchall()
        return "\n".join(map(str, found))

    def memory(self) -> dict[str, int]:
        """Bytes that each process of the service has in memory."""
        found = {}
        for name, pid in self.service.pids().items():
            with contextlib.suppress(psutil.NoSuchProcess):
                found[name] = int(psutil.Process(pid).memory_info().rss)
        return found

    def logs(self) -> Iterator[Path]:
        """All log files."""
        yield self.service.log
        yield from self.folder.glob("*.log")
        for home in (self.folder / "disks").iterdir():
            yield from home.glob("*.log")

    def stop(self) -> None:
        """Stops the service and the extra workers; `weboffice up` must end cleanly."""
        self.heal()
        for some in self.workers.values():
            for process in some:
                process.terminate()
            for process in some:
                try:
                    process.wait(12)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        assert self.service.stop() == 0


@contextlib.contextmanager
def running_system() -> Iterator[System]:
    """A started system, stopped at the end whatever happens."""
    with open_folder() as folder, contextlib.ExitStack() as stack:
        system = System(folder, stack)
        try:
            system.service.start(system.port)
            yield system
        except BaseException:
            sys.stderr.write(f"the logs are in {kept_logs(system)}\n")
            with contextlib.suppress(Exception):
                system.stop()
            raise
        system.stop()


def kept_logs(system: System) -> Path:
    """A folder of its own with all logs, which outlives the system."""
    folder = Path(tempfile.mkdtemp(prefix="weboffice-logs-"))
    for path in system.logs():
        shutil.copy(path, folder)
    return folder
