"""`weboffice demo`: the whole service with a registered owner and simulated tills; what `make demo` runs."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import IO

import click
import httpx
import structlog

from ops import processes, running
from ops.provisioning import create_sign_in_link, provision
from ops.settings import Settings
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
@click.pass_obj
def demo(settings: Settings, exit_when_ready: bool, port: int | None, days: int, rate: float, seed: int) -> None:
    """Start everything, simulate tills and print the portal's address with a one-time sign-in link."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    weboffice = [sys.executable, "-m", "ops"]
    arguments = ["--port", str(port)] if port is not None else []
    service = processes.spawn([*weboffice, "up", *arguments], pipe=True)
    tills: subprocess.Popen[bytes] | None = None
    try:
        url = _ready(service, stopping)
        if url is None:
            return
        found = running.services(settings)
        account = provision(found.postgres, OWNER, OUTLETS)
        tokens = [argument for outlet in account["outlets"] for argument in ("--token", outlet["till_token"])]
        live = ["--days", str(days), "--rate", "0" if exit_when_ready else str(rate), "--seed", str(seed)]
        tills = processes.spawn([*weboffice, "simulate", "--url", url, *tokens, *live])
        _wait_for_sales(url, account["owner_token"], tills, stopping)
        click.echo(f"\nВеб-офис: {url}\nВход (одноразовая ссылка): {create_sign_in_link(found.postgres, OWNER, url)}\n")
        sys.stdout.flush()
        if not exit_when_ready:
            letters = Letters(settings.home / "mail")
            while not stopping.wait(0.2):
                if service.poll() is not None:
                    raise _ended(service)
                letters.show_new()
    finally:
        for process in (tills, service):
            if process is not None:
                processes.stop(process, timeout=30)


class Letters:
    """The letters that the service writes as files: each is shown once, its links being what a newcomer needs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shown: set[Path] = set()

    def show_new(self) -> None:
        for path in sorted(set(self._folder.glob("*.eml")) - self._shown):
            self._shown.add(path)
            message = message_from_bytes(path.read_bytes(), policy=default)
            body = message.get_body(("plain",)) if isinstance(message, EmailMessage) else None
            links = re.findall(r"https?://\S+", str(body.get_content()) if body else "")
            click.echo("\n".join([f"Письмо для {message['To']}: {message['Subject']}", *links, f"({path})", ""]))
        sys.stdout.flush()


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
