"""What runs in a home: `run.json`, written by `weboffice up`, readable by its user alone."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ops import folders, processes
from ops import logins as login_module
from ops.logins import Part
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
    """Where Kafka and PostgreSQL are; `postgres` is the URL of the tables' owner, empty where only logins are known."""

    kafka: str
    postgres: str
    logins: dict[Part, str] = {}
    """What a part of the service logs in to PostgreSQL with."""


def services(settings: Settings, *parts: Part) -> Services:
    """The addresses from the settings, else those of the service that runs in the home; with the logins of `parts`.

    Who asks for logins is told the owner's URL only where one of them follows from it. Raises
    `InfrastructureUnreachable` that says what to do.
    """
    logins = {part: url for part in parts if (url := login_module.given(settings, part))}
    owner_needed = len(logins) < len(parts) or not parts
    running = None if settings.kafka and (settings.postgres or not owner_needed) else read(settings.home)
    kafka = settings.kafka or (running.kafka if running else "")
    postgres = settings.postgres or (running.postgres if running else "")
    if not kafka or (owner_needed and not postgres):
        raise InfrastructureUnreachable(
            f"nothing runs in {settings.home}: start `weboffice up`, or set WEBOFFICE_KAFKA and WEBOFFICE_POSTGRES"
        )
    derived = {part: login_module.login(postgres, part) for part in parts if part not in logins}
    return Services(kafka, postgres if owner_needed else "", logins | derived)
