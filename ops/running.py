"""What runs in a home: `run.json`, written by `weboffice up`, readable by its user alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ops import folders, processes
from ops.settings import Settings
from schemas.errors import InfrastructureUnreachable


class Running(Struct):
    """Addresses of a running `weboffice up`, its process and the folder it runs in.

    `created` and `home` tell it from another process of this id, and from one that runs in the original of a copy.
    """

    pid: int
    kafka: str
    postgres: str
    url: str = ""
    metrics: dict[str, str] = {}
    created: float = 0.0
    home: str = ""


def write(home: Path, running: Running) -> None:
    """Written whole or not at all."""
    home.mkdir(parents=True, exist_ok=True)
    running = replace(running, created=processes.created(running.pid), home=folders.identity(home))
    temporary = home / "run.json.new"
    temporary.touch(mode=0o600)
    temporary.write_bytes(msgspec.json.format(msgspec.json.encode(running)))
    os.replace(temporary, home / "run.json")


def read(home: Path) -> Running | None:
    """What runs in the home; None where nothing does."""
    try:
        running = msgspec.json.decode((home / "run.json").read_bytes(), type=Running)
    except (OSError, msgspec.MsgspecError):
        return None
    if running.home and running.home != folders.identity(home):
        return None  # copied with the home of what runs there
    return running if processes.running(running.pid, running.created) else None


def forget(home: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        (home / "run.json").unlink()


def address(home: Path) -> str | None:
    """The URL that the service of this home serves on, if it runs."""
    running = read(home)
    return running.url or None if running else None


class Services(Struct, frozen=True):
    """Where Kafka and PostgreSQL are."""

    kafka: str
    postgres: str


def services(settings: Settings) -> Services:
    """The addresses from the settings, else those of the service that runs in the home.

    Raises `InfrastructureUnreachable` that says what to do.
    """
    running = read(settings.home)
    kafka = settings.kafka or (running.kafka if running else "")
    postgres = settings.postgres or (running.postgres if running else "")
    if not kafka or not postgres:
        raise InfrastructureUnreachable(
            f"nothing runs in {settings.home}: start `weboffice up`, or set WEBOFFICE_KAFKA and WEBOFFICE_POSTGRES"
        )
    return Services(kafka, postgres)
