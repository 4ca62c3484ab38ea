"""`weboffice up`: infrastructure and every process of the service, supervised, on one port."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import IO

import click
import psycopg
import structlog
from rich.text import Text

from ops import console, logins, logs, processes, running, topics, web, webprocesses
from ops.infrastructure.embedded import Infrastructure
from ops.infrastructure.ports import free_port
from ops.migrate import migrate
from ops.outputs import Output, RotatedLog
from ops.reachable import wait_for_servers
from ops.running import Running
from ops.settings import Settings
from ops.supervisor import Service, Supervisor
from ops.terminal import screen, up_view
from ops.terminal.parts import place
from ops.terminal.trouble import Message, Trouble
from ops.terminal.words import words
from projections.generations.register import live_is_outdated
from schemas.errors import InfrastructureUnreachable, UsageError

log = structlog.get_logger(__name__)

DEFAULT_PORT = 8080
_ADDRESSES = ("WEBOFFICE_KAFKA", "WEBOFFICE_POSTGRES")


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help=f"By default {DEFAULT_PORT}, or a free one if it is taken.")
@click.option("--tills", type=click.IntRange(0, 50), default=0, help="Simulated tills to run beside the service.")
@click.option("--verbose", is_flag=True, help="All log lines, also on a terminal.")
@click.pass_obj
def up(settings: Settings, port: int | None, tills: int, verbose: bool) -> None:
    """Run Kafka, PostgreSQL (unless the settings name others) and all of the service until SIGTERM or Ctrl-C.

    On a terminal it shows what runs, warnings and errors; all log lines are in HOME/logs.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    lock = only_one(settings)
    trouble = Trouble() if screen.wanted(settings, verbose) else None
    logs.configure(settings, "up", _log_file(settings, "up"), trouble)
    say = words(os.environ)
    if trouble is not None:
        trouble.tell = _tell
        click.echo(say("start_servers"), err=True)
    listening = _listen(settings.host, port)
    infrastructure = Infrastructure(settings)
    try:
        infrastructure.start(console.download_progress())
        wait_for_servers(infrastructure.kafka, infrastructure.postgres, stopping)
        if not stopping.is_set():
            if trouble is not None:
                click.echo(say("start_service"), err=True)
            migrate(infrastructure.postgres, settings)
            asyncio.run(topics.ensure(infrastructure.kafka, settings))
            _run(settings, infrastructure, listening, tills, stopping, trouble)
    finally:
        running.forget(settings.home)
        infrastructure.stop()
        listening.close()
        lock.close()
    log.info("stopped")
    if trouble is not None:
        click.echo(say("stopped").format(home=place(settings.home)), err=True)


def _tell(message: Message) -> None:
    """Says a warning or an error while no screen shows it."""
    click.echo(f"{message.level}: {message.text}", err=True)


def _outdated(postgres: str) -> bool:
    """Whether the live reports lack what this version shows: they are built beside, while the old ones go on."""
    with psycopg.connect(postgres) as connection:
        notice = live_is_outdated(connection)
    if notice:
        log.warning("live_generation_outdated", notice=notice)
    return notice is not None


def _run(
    settings: Settings,
    infrastructure: Infrastructure,
    listening: socket.socket,
    tills: int,
    stopping: threading.Event,
    trouble: Trouble | None,
) -> None:
    url = f"http://{settings.host}:{listening.getsockname()[1]}"
    base = settings.metrics_port
    names = ["web", "anonymise", "project", "import", "tell", "gateway", *(["demo"] if settings.demo == "on" else [])]
    ports = {name: free_port(base + n if base else 0) for n, name in enumerate(names)}
    metrics = {name: f"http://{settings.metrics_host}:{port}/metrics" for name, port in ports.items()}
    running.write(settings.home, Running(os.getpid(), infrastructure.kafka, infrastructure.postgres, url, metrics))
    outputs: list[Output] = []
    services = _services(settings, infrastructure, listening, url, ports, tills, outputs, trouble)
    supervisor = Supervisor(services, stopping)
    try:
        supervisor.watch(until=_Ready(url))
        if not stopping.is_set():
            click.echo(f"READY {url}")
            sys.stdout.flush()
        _watch(settings, url, supervisor, trouble)
    finally:
        log.info("stopping")
        supervisor.stop()
        for output in outputs:
            output.drain()


def _watch(settings: Settings, url: str, supervisor: Supervisor, trouble: Trouble | None) -> None:
    """Watches the service until it is to stop; on a terminal beside the screen that shows it."""
    if trouble is None:
        supervisor.watch()
        return
    say = words(os.environ)

    def draw(width: int, height: int) -> list[Text]:
        return up_view.view(url, settings.home, supervisor.states(), trouble, say, width, height)

    trouble.tell = None
    with screen.shown(draw):
        supervisor.watch()
    trouble.tell = _tell
    click.echo(say("stopping"), err=True)


def _log_file(settings: Settings, name: str) -> RotatedLog:
    return RotatedLog(settings.home / "logs" / f"{name}.log")


def _services(
    settings: Settings,
    infrastructure: Infrastructure,
    listening: socket.socket,
    url: str,
    ports: Mapping[str, int],
    tills: int,
    outputs: list[Output],
    trouble: Trouble | None,
) -> list[Service]:
    environment = {
        **{
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("WEBOFFICE_POSTGRES", "WEBOFFICE_KAFKA"))
        },
        "WEBOFFICE_KAFKA": infrastructure.kafka,
        "WEBOFFICE_LOG": settings.log or ("console" if sys.stderr.isatty() and trouble is None else "json"),
    }

    def command(
        name: str, *arguments: str, parts: tuple[logins.Part, ...] | None = (), fds: tuple[int, ...] = ()
    ) -> Callable[[], subprocess.Popen[bytes]]:
        """A process that knows the logins of some parts; of none: the tables' owner; with None nothing of ours."""
        argv = [sys.executable, "-m", "ops", *arguments]
        own = {**environment, "WEBOFFICE_METRICS_PORT": str(ports.get(name, 0))}
        for part in parts or ():
            url = logins.given(settings, part) or logins.login(infrastructure.postgres, part)
            own[f"WEBOFFICE_POSTGRES_{part.upper()}"] = url
        if parts == ():
            own["WEBOFFICE_POSTGRES"] = infrastructure.postgres
        output = Output(_log_file(settings, name), echo=trouble or sys.stderr.buffer)
        outputs.append(output)

        def start() -> subprocess.Popen[bytes]:
            # Stdout is ours alone: whoever started us reads READY there.
            with output.end() as end:
                return processes.spawn(argv, env=own, pass_fds=fds, output=end)

        return start

    fd = listening.fileno()
    services = [
        *webprocesses.services(command, fd, url),
        Service("anonymise", command("anonymise", "work", "anonymise", parts=("worker",)), stop_rank=1),
        Service("project", command("project", "work", "project", parts=("worker",)), stop_rank=1),
    ]
    services.append(Service("import", command("import", "work", "import", parts=("accounts",))))
    services.append(Service("tell", command("tell", "work", "tell", parts=("accounts", "portal"))))
    if settings.demo == "on":
        services.append(Service("demo", command("demo", "work", "demo", parts=None)))
    if _outdated(infrastructure.postgres):
        done = frozenset({0, 1})  # rows that differ are for a person to look at, not for another try
        services.append(Service("rebuild", command("rebuild", "rebuild", "--if-outdated"), done=done))
    if tills:
        services.append(Service("tills", command("tills", "simulate", "--tills", str(tills), "--rate", "0.2")))
    if kafka := infrastructure.embedded_kafka:
        services.append(Service("kafka", kafka.restart, stop_rank=2, process=kafka.process))
    if postgres := infrastructure.embedded_postgres:
        services.append(Service("postgres", postgres.restart, stop_rank=2, process=postgres.process))
    return services


class _Ready:
    """Whether the service answers that it is ready, uploads and pages; asked every 0.1 s."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._next = 0.0

    def __call__(self) -> bool:
        if time.monotonic() < self._next:
            return False
        try:
            for path in ("/readyz", "/api/openapi.json"):  # the gateway's answer, and the portal's
                with urllib.request.urlopen(self._url + path, timeout=2.0) as answer:
                    if answer.status != 200:
                        return False
            return True
        except (urllib.error.URLError, OSError):
            self._next = time.monotonic() + 0.1
            return False


def only_one(settings: Settings) -> IO[str]:
    try:
        (settings.home / "logs").mkdir(parents=True, exist_ok=True)
        lock = (settings.home / "lock").open("w")
    except OSError as exc:
        raise UsageError(
            f"{settings.home} can't be written ({exc.strerror}): free some space, or name another folder in"
            " WEBOFFICE_HOME"
        ) from exc
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        raise UsageError(
            f"another `weboffice up` runs in {settings.home}; name another folder in WEBOFFICE_HOME"
        ) from exc
    return lock


def _listen(host: str, port: int | None) -> socket.socket:
    try:
        return web.listen(host, DEFAULT_PORT if port is None else port)
    except OSError as exc:
        if port is None:
            return web.listen(host, 0)
        raise InfrastructureUnreachable(
            f"port {port} of {host} can't be had ({exc.strerror}): choose another one with --port, or 0 for a free one"
        ) from exc
