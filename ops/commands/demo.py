"""`weboffice demo`: the whole service with a registered owner and simulated tills; what `make demo` runs."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Self

import click
import httpx
import structlog

from ops import processes, running
from ops.provisioning import create_sign_in_link, provision
from ops.settings import Settings
from ops.terminal import screen
from ops.terminal.demo_screen import DemoScreen, Teller
from ops.terminal.letters import Letters
from schemas.errors import InfrastructureUnreachable, UsageError, WebOfficeError

log = structlog.get_logger(__name__)

OWNER = "owner@demo.example"
OUTLETS = ("Продукты на Садовой", "Кофейня «Угол»", "Одежда и обувь")
READY_WITHIN_S = 300
SALES_WITHIN_S = 180


@click.command()
@click.option("--exit-when-ready", is_flag=True, help="Leave with 0 once the portal shows the simulated sales.")
@click.option("--port", type=click.IntRange(0, 65535), help="By default 8080, or a free one if it is taken.")
@click.option("--days", type=click.IntRange(1, 400), default=35, show_default=True, help="Days of history to simulate.")
@click.option("--rate", default=0.05, show_default=True, help="Sales per second and till after the history.")
@click.option("--seed", default=7, show_default=True)
@click.option("--verbose", is_flag=True, help="All log lines, also on a terminal.")
@click.pass_obj
def demo(
    settings: Settings, exit_when_ready: bool, port: int | None, days: int, rate: float, seed: int, verbose: bool
) -> None:
    """Start everything, simulate tills and print the portal's address with a one-time sign-in link.

    On a terminal a screen shows both, with figures that move; all log lines are in HOME/logs.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    up = ["up", *(["--port", str(port)] if port is not None else [])]
    simulate = ["simulate", "--days", str(days), "--rate", "0" if exit_when_ready else str(rate), "--seed", str(seed)]
    with DemoScreen(settings) if screen.wanted(settings, verbose) else Lines(settings) as teller:
        _run(settings, up, simulate, exit_when_ready, stopping, teller)


def _run(
    settings: Settings,
    up: Sequence[str],
    simulate: Sequence[str],
    exit_when_ready: bool,
    stopping: threading.Event,
    teller: Teller,
) -> None:
    weboffice = [sys.executable, "-m", "ops"]
    service = teller.spawn_service([*weboffice, *up])
    tills: subprocess.Popen[bytes] | None = None
    try:
        url = _ready(service, stopping)
        if url is None:
            return
        found = running.services(settings)
        account = provision(found.postgres, OWNER, OUTLETS)
        teller.serving(url, found.postgres, account["owner_token"])
        tokens = [argument for outlet in account["outlets"] for argument in ("--token", outlet["till_token"])]
        tills = teller.spawn_tills([*weboffice, *simulate, "--url", url, *tokens])
        _wait_for_sales(url, account["owner_token"], tills, stopping)
        if stopping.is_set():
            return
        teller.ready(OWNER)
        while not exit_when_ready and not stopping.wait(0.2):
            if service.poll() is not None:
                raise _ended(service)
            teller.go_on()
    finally:
        teller.stopping()
        for process in (tills, service):
            if process is not None:
                processes.stop(process, timeout=30)


class Lines:
    """A teller without a screen: two lines when the demo is ready, then the letters; log lines go to stderr."""

    def __init__(self, settings: Settings) -> None:
        self._letters = Letters(settings.home / "mail")
        self._url = self._postgres = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    def spawn_service(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        return processes.spawn(argv, pipe=True)

    def spawn_tills(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        return processes.spawn(argv)

    def serving(self, url: str, postgres: str, owner_token: str) -> None:
        self._url, self._postgres = url, postgres

    def ready(self, owner: str) -> None:
        link = create_sign_in_link(self._postgres, owner, self._url)
        click.echo(f"\nВеб-офис: {self._url}\nВход (одноразовая ссылка): {link}\n")
        sys.stdout.flush()

    def go_on(self) -> None:
        for letter in self._letters.new():
            click.echo(f"{letter}\n")
        sys.stdout.flush()

    def stopping(self) -> None: ...


def _ready(service: subprocess.Popen[bytes], stopping: threading.Event) -> str | None:
    """The address that the service prints when it is ready; None where we are told to stop before."""
    lines: list[str] = []
    assert service.stdout is not None
    reader = threading.Thread(target=_read_lines, args=(service.stdout, lines), daemon=True)
    reader.start()
    deadline = time.monotonic() + READY_WITHIN_S
    while not stopping.wait(0.05):
        for line in lines:
            if line.startswith("READY "):
                return line.split()[1]
        if service.poll() is not None:
            raise _ended(service)
        if time.monotonic() > deadline:
            raise InfrastructureUnreachable(f"the service was not ready in {READY_WITHIN_S} s")
    return None


def _ended(service: subprocess.Popen[bytes]) -> WebOfficeError:
    """What it means that the service ended by itself; it said why."""
    kind = UsageError if service.returncode == 2 else InfrastructureUnreachable
    return kind("the service ended; the reason stands above")


def _read_lines(stream: IO[bytes], lines: list[str]) -> None:
    with stream:
        for line in stream:
            lines.append(line.decode("utf-8", "replace").strip())


def _wait_for_sales(url: str, owner_token: str, tills: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Returns when the read API, which gives what the portal shows, has sales of every outlet."""
    deadline = time.monotonic() + SALES_WITHIN_S
    while not stopping.wait(0.3):
        with suppress(httpx.TransportError):  # a process of the service that died is back in a moment
            answer = httpx.get(f"{url}/api/v1/outlets", headers={"Authorization": f"Bearer {owner_token}"}, timeout=10)
            if answer.status_code == 200 and all(outlet["sales"] for outlet in answer.json()):
                return
        if tills.poll() not in (None, 0):
            raise InfrastructureUnreachable(f"the simulated tills ended with code {tills.returncode}")
        if time.monotonic() > deadline:
            raise InfrastructureUnreachable(f"no sales were shown within {SALES_WITHIN_S} s")
