"""Settings, all from the environment (`WEBOFFICE_…`), checked once at the start of a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from schemas.errors import UsageError
from schemas.topics import Topics


class Setting(Struct, frozen=True):
    """One environment variable: its name without the prefix, its default as text, and what it is for."""

    name: str
    default: str
    about: str

    @property
    def variable(self) -> str:
        return f"WEBOFFICE_{self.name}"


SETTINGS = [
    Setting("KAFKA", "", "Bootstrap servers `host:port,…`; without it Kafka runs embedded."),
    Setting("POSTGRES", "", "libpq URL; without it PostgreSQL runs embedded."),
    Setting("HOME", ".weboffice", "Folder for the data of embedded Kafka and PostgreSQL, spools, mail and `run.json`."),
    Setting("CACHE", "", "Folder for downloaded jars; by default `$XDG_CACHE_HOME/weboffice`, shared by all homes."),
    Setting("TOPIC_PREFIX", "", "Put before the names of all topics, so that installations can share a Kafka."),
    Setting("PARTITIONS", "12", "Partitions of each topic; fixed for the life of a log, used when it is created."),
    Setting("REPLICATION", "1", "Replicas of each topic; used when it is created."),
    Setting("UPLOADS_DAYS", "14", "Days for which uploads as they came in (with people's names) are kept."),
    Setting("HOST", "127.0.0.1", "Address that the HTTP processes listen on; loopback unless you say otherwise."),
    Setting("METRICS_PORT", "0", "Port for Prometheus metrics on loopback; 0 takes a free one, shown by `status`."),
    Setting("METRICS_HOST", "127.0.0.1", "Address that metrics listen on."),
    Setting("PUBLIC_URL", "", "Address by which browsers reach the portal (links in mail, secure cookies)."),
    Setting("SMTP_URL", "", "`smtp://user:password@host:port` for mail; without it mail is written to HOME/mail."),
    Setting("PAYMENT_SECRET", "", "Shared secret of the payment provider's webhook; without it the webhook is off."),
    Setting("LOG", "", "`console` or `json`; by default console on a terminal, JSON elsewhere."),
    Setting("LOG_LEVEL", "info", "`debug`, `info`, `warning` or `error`."),
]


class Settings(Struct, frozen=True):
    """The checked settings. `kafka`/`postgres` are "" where they are to run embedded."""

    kafka: str
    postgres: str
    home: Path
    cache: Path
    topics: Topics
    partitions: int
    replication: int
    uploads_days: int
    host: str
    metrics_host: str
    metrics_port: int
    public_url: str
    smtp_url: str
    payment_secret: str
    log: str
    log_level: str


_NOT_OF_THE_SERVICE = {"WEBOFFICE_TOKEN", "WEBOFFICE_OWNER_TOKEN", "WEBOFFICE_TEST_INFRA", "WEBOFFICE_FAIL_POINT"}
"""Read elsewhere: by the till client, by programs of owners, by the tests."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in an environment. Raises `UsageError` that names the variable and what is wrong with it."""
    values: dict[str, str] = {s.name: environment.get(s.variable, "").strip() or s.default for s in SETTINGS}
    known = {setting.variable for setting in SETTINGS} | _NOT_OF_THE_SERVICE
    for variable in environment:
        if variable.startswith("WEBOFFICE_") and variable not in known:
            raise UsageError(f"{variable} is not a setting; see `weboffice settings` for those there are")
    cache = values["CACHE"] or str(Path(environment.get("XDG_CACHE_HOME") or "~/.cache") / "weboffice")
    _check_kafka(values["KAFKA"])
    _check_postgres(values["POSTGRES"])
    return Settings(
        kafka=values["KAFKA"],
        postgres=values["POSTGRES"],
        home=Path(values["HOME"]).expanduser().absolute(),
        cache=Path(cache).expanduser().absolute(),
        topics=Topics(_one_of_characters("TOPIC_PREFIX", values["TOPIC_PREFIX"])),
        partitions=_integer("PARTITIONS", values, 1, 1000),
        replication=_integer("REPLICATION", values, 1, 10),
        uploads_days=_integer("UPLOADS_DAYS", values, 1, 365),
        host=values["HOST"],
        metrics_host=values["METRICS_HOST"],
        metrics_port=_integer("METRICS_PORT", values, 0, 65535),
        public_url=_url("PUBLIC_URL", values["PUBLIC_URL"], {"http", "https"}),
        smtp_url=_url("SMTP_URL", values["SMTP_URL"], {"smtp", "smtps"}),
        payment_secret=values["PAYMENT_SECRET"],
        log=_word("LOG", values["LOG"], {"", "console", "json"}),
        log_level=_word("LOG_LEVEL", values["LOG_LEVEL"].lower(), {"debug", "info", "warning", "error"}),
    )


def _check_kafka(value: str) -> None:
    for address in filter(None, value.split(",")):
        host, _, port = address.rpartition(":")
        if not host or not port.isdigit():
            raise UsageError(f"WEBOFFICE_KAFKA: {address!r} is not host:port")


def _check_postgres(value: str) -> None:
    try:
        conninfo_to_dict(value)
    except ProgrammingError as exc:
        raise UsageError(f"WEBOFFICE_POSTGRES is not a libpq URL: {exc}") from exc


def _integer(name: str, values: Mapping[str, Any], least: int, most: int) -> int:
    text = values[name]
    if not text.isdigit() or not least <= int(text) <= most:
        raise UsageError(f"WEBOFFICE_{name}: {text!r} is not a number from {least} to {most}")
    return int(text)


def _word(name: str, value: str, allowed: set[str]) -> str:
    if value not in allowed:
        raise UsageError(f"WEBOFFICE_{name}: {value!r} is not one of {', '.join(sorted(allowed - {''}))}")
    return value


def _url(name: str, value: str, schemes: set[str]) -> str:
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
        raise UsageError(f"WEBOFFICE_{name} is not a URL of the form {'/'.join(sorted(schemes))}://host")
    return value.rstrip("/")


def _one_of_characters(name: str, value: str) -> str:
    if not all(c.isascii() and (c.isalnum() or c in "._-") for c in value):
        raise UsageError(f"WEBOFFICE_{name}: a topic's name holds letters, digits and . _ - only")
    return value
