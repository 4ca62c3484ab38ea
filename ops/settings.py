"""Settings, all from the environment (`WEBOFFICE_…`), checked once at the start of a command."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from schemas import brokers
from schemas.errors import UsageError
from schemas.topics import Topics
from webapp import keyfiles


class Setting(Struct, frozen=True):
    """One environment variable: its name without the prefix, its default as text, and what it is for.

    One that is `secret`, or holds a secret, is never shown, and may be in a file that `WEBOFFICE_…_FILE` names.
    """

    name: str
    default: str
    about: str
    secret: bool = False

    @property
    def variable(self) -> str:
        return f"WEBOFFICE_{self.name}"

    @property
    def file_variable(self) -> str:
        return f"{self.variable}_FILE"


SETTINGS = [
    Setting("KAFKA", "", "`host:port,…`, or with TLS and a login (below); without it Kafka runs embedded.", True),
    Setting("POSTGRES", "", "libpq URL of the tables' owner; without it PostgreSQL runs embedded.", True),
    Setting("POSTGRES_WORKER", "", "libpq URL of `work project`'s own login; without it `migrate` makes one.", True),
    Setting("POSTGRES_GATEWAY", "", "The same of the gateway.", True),
    Setting("POSTGRES_ACCOUNTS", "", "The same of the portal, for accounts, of `work import` and `work tell`.", True),
    Setting("POSTGRES_PORTAL", "", "The same of the portal and `work tell`, for figures.", True),
    Setting(
        "POSTGRES_READ", "", "libpq URL of a standby that figures are read from; the login is POSTGRES_PORTAL's.", True
    ),
    Setting("HOME", ".weboffice", "Folder for the data of embedded Kafka and PostgreSQL, spools, mail and `run.json`."),
    Setting("CACHE", "", "Folder for downloaded jars; by default `$XDG_CACHE_HOME/weboffice`, shared by all homes."),
    Setting("TOPIC_PREFIX", "", "Put before the names of all topics, so that installations can share a Kafka."),
    Setting("PARTITIONS", "12", "Partitions of each topic; fixed for the life of a log, used when it is created."),
    Setting("REPLICATION", "1", "Replicas of each topic; used when it is created."),
    Setting("UPLOADS_DAYS", "14", "Days for which uploads as they came in (with people's names) are kept."),
    Setting("HOST", "127.0.0.1", "Address that the HTTP processes listen on; loopback unless you say otherwise."),
    Setting("METRICS_PORT", "0", "Port for Prometheus metrics on loopback; 0 takes a free one, shown by `status`."),
    Setting("METRICS_HOST", "127.0.0.1", "Address that metrics listen on."),
    Setting(
        "TRUSTED_PROXIES",
        "",
        "Networks `10.0.0.0/8,…` of the proxies in front, whose X-Forwarded-For is believed.",
    ),
    Setting("CONNECTIONS", "0", "Connections of clients at a time; 0: what file descriptors allow, 8192 at most."),
    Setting("CONNECTIONS_PER_ADDRESS", "0", "Of these for one network address; 0: a quarter."),
    Setting("PUBLIC_URL", "", "Address by which browsers reach the portal (links in mail, secure cookies)."),
    Setting("UPLOAD_URL", "", "Address of the gateway, for `work import`; without it what runs in WEBOFFICE_HOME."),
    Setting("SMTP_URL", "", "`smtp://user:password@host:port` for mail; without it mail goes to HOME/mail.", True),
    Setting("SUPPORT_EMAIL", "", "Where owners' questions go; without it the portal has no form for them."),
    Setting("TELEGRAM_BOT", "", "Name of the bot (without @) by which owners may hear; without it no page offers it."),
    Setting("TELEGRAM_TOKEN", "", "The bot's token, for `work tell`; without it nothing goes by Telegram.", True),
    Setting("TELEGRAM_API", "https://api.telegram.org", "Where the Bot API is, for `work tell`."),
    Setting("PAYMENT_SECRET", "", "Secret of the payment provider's webhook; without it the webhook is off.", True),
    Setting("FACTOR_KEYS", "", "Keys for second factors' secrets, the present one first; else HOME/factor.key.", True),
    Setting("PUSH_KEY", "", "Private key of P-256 for web push, 32 bytes in Base64; else HOME/push.key.", True),
    Setting("PUSH_NETWORKS", "", "Private networks `10.0.0.0/8,…` of one's own push service; else none is called."),
    Setting("CLOSING_KEYS", "", "Keys that sign closed months, the present one first; else HOME/closing.key.", True),
    Setting("DEMO", "off", "`on`: `up` makes a simulated shop of its own, shown to anybody at /demo."),
    Setting("LOG", "", "`console` or `json`; by default console on a terminal, JSON elsewhere."),
    Setting("LOG_LEVEL", "info", "`debug` (each upload and batch, too), `info`, `warning` or `error`."),
]


class Settings(Struct, frozen=True):
    """The checked settings. `kafka`/`postgres` are "" where they are to run embedded."""

    kafka: str
    postgres: str
    postgres_worker: str
    postgres_gateway: str
    postgres_accounts: str
    postgres_portal: str
    postgres_read: str
    home: Path
    cache: Path
    topics: Topics
    partitions: int
    replication: int
    uploads_days: int
    host: str
    metrics_host: str
    metrics_port: int
    trusted_proxies: list[str]
    connections: int
    connections_per_address: int
    public_url: str
    upload_url: str
    smtp_url: str
    support_email: str
    telegram_bot: str
    telegram_token: str
    telegram_api: str
    payment_secret: str
    factor_keys: str
    push_key: str
    push_networks: list[str]
    closing_keys: str
    demo: str
    log: str
    log_level: str


_POSTGRES = ("POSTGRES", "POSTGRES_WORKER", "POSTGRES_GATEWAY", "POSTGRES_ACCOUNTS", "POSTGRES_PORTAL")
_NOT_OF_THE_SERVICE = {"WEBOFFICE_TOKEN", "WEBOFFICE_OWNER_TOKEN", "WEBOFFICE_TEST_INFRA", "WEBOFFICE_FAIL_POINT"}
"""Read elsewhere: by the till client, by programs of owners, by the tests."""


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in an environment. Raises `UsageError` that names the variable and what is wrong with it."""
    values: dict[str, str] = {s.name: _value(s, environment) or s.default for s in SETTINGS}
    known = {setting.variable for setting in SETTINGS} | _NOT_OF_THE_SERVICE
    known |= {setting.file_variable for setting in SETTINGS if setting.secret}
    for variable in environment:
        if variable.startswith("WEBOFFICE_") and variable not in known:
            raise UsageError(f"{variable} is not a setting; see `weboffice settings` for those there are")
    cache = values["CACHE"] or str(Path(environment.get("XDG_CACHE_HOME") or "~/.cache") / "weboffice")
    _check_kafka(values["KAFKA"])
    for name in _POSTGRES:
        _check_postgres(name, values[name])
    return Settings(
        kafka=values["KAFKA"],
        postgres=values["POSTGRES"],
        postgres_worker=values["POSTGRES_WORKER"],
        postgres_gateway=values["POSTGRES_GATEWAY"],
        postgres_accounts=values["POSTGRES_ACCOUNTS"],
        postgres_portal=values["POSTGRES_PORTAL"],
        postgres_read=values["POSTGRES_READ"],
        home=Path(values["HOME"]).expanduser().absolute(),
        cache=Path(cache).expanduser().absolute(),
        topics=Topics(_one_of_characters("TOPIC_PREFIX", values["TOPIC_PREFIX"])),
        partitions=_integer("PARTITIONS", values, 1, 1000),
        replication=_integer("REPLICATION", values, 1, 10),
        uploads_days=_integer("UPLOADS_DAYS", values, 1, 365),
        host=values["HOST"],
        metrics_host=values["METRICS_HOST"],
        metrics_port=_integer("METRICS_PORT", values, 0, 65535),
        trusted_proxies=_networks("TRUSTED_PROXIES", values["TRUSTED_PROXIES"]),
        connections=_integer("CONNECTIONS", values, 0, 100_000),
        connections_per_address=_integer("CONNECTIONS_PER_ADDRESS", values, 0, 100_000),
        public_url=_url("PUBLIC_URL", values["PUBLIC_URL"], {"http", "https"}),
        upload_url=_url("UPLOAD_URL", values["UPLOAD_URL"], {"http", "https"}),
        smtp_url=_url("SMTP_URL", values["SMTP_URL"], {"smtp", "smtps"}),
        support_email=_email("SUPPORT_EMAIL", values["SUPPORT_EMAIL"]),
        telegram_bot=_one_of_characters("TELEGRAM_BOT", values["TELEGRAM_BOT"]),
        telegram_token=values["TELEGRAM_TOKEN"],
        telegram_api=_url("TELEGRAM_API", values["TELEGRAM_API"], {"http", "https"}),
        payment_secret=values["PAYMENT_SECRET"],
        factor_keys=_keys("FACTOR_KEYS", values),
        push_key=_push_key(values["PUSH_KEY"]),
        push_networks=_networks("PUSH_NETWORKS", values["PUSH_NETWORKS"]),
        closing_keys=_keys("CLOSING_KEYS", values),
        demo=_word("DEMO", values["DEMO"].lower(), {"on", "off"}),
        log=_word("LOG", values["LOG"], {"", "console", "json"}),
        log_level=_word("LOG_LEVEL", values["LOG_LEVEL"].lower(), {"debug", "info", "warning", "error"}),
    )


def _value(setting: Setting, environment: Mapping[str, str]) -> str:
    value = environment.get(setting.variable, "").strip()
    path = environment.get(setting.file_variable, "").strip() if setting.secret else ""
    if not path:
        return value
    if value:
        raise UsageError(f"{setting.variable} and {setting.file_variable} are both set; one of them is enough")
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as exc:
        raise UsageError(f"{setting.file_variable}: {path} can't be read: {exc}") from exc


def _check_kafka(value: str) -> None:
    try:
        brokers.options(value)
    except (ValueError, OSError) as exc:
        raise UsageError(f"WEBOFFICE_KAFKA: {exc}") from exc


def _check_postgres(name: str, value: str) -> None:
    try:
        conninfo_to_dict(value)
    except ProgrammingError as exc:
        raise UsageError(f"WEBOFFICE_{name} is not a libpq URL: {exc}") from exc


def _keys(name: str, values: Mapping[str, str]) -> str:
    if value := values[name]:
        keyfiles.of_text(value, f"WEBOFFICE_{name}")
    return value


def _push_key(value: str) -> str:
    if value:
        from webapp import pushkey  # likewise

        pushkey.of_text(value)
    return value


def _integer(name: str, values: Mapping[str, Any], least: int, most: int) -> int:
    text = values[name]
    if not text.isdigit() or not least <= int(text) <= most:
        raise UsageError(f"WEBOFFICE_{name}: {text!r} is not a number from {least} to {most}")
    return int(text)


def _networks(name: str, value: str) -> list[str]:
    networks = [text.strip() for text in value.split(",") if text.strip()]
    for text in networks:
        try:
            ip_network(text, strict=False)
        except ValueError as exc:
            raise UsageError(f"WEBOFFICE_{name}: {text!r} is no network address") from exc
    return networks


def _word(name: str, value: str, allowed: set[str]) -> str:
    if value not in allowed:
        raise UsageError(f"WEBOFFICE_{name}: {value!r} is not one of {', '.join(sorted(allowed - {''}))}")
    return value


def _url(name: str, value: str, schemes: set[str]) -> str:
    if value and (urlsplit(value).scheme not in schemes or not urlsplit(value).hostname):
        raise UsageError(f"WEBOFFICE_{name} is not a URL of the form {'/'.join(sorted(schemes))}://host")
    return value.rstrip("/")


def _email(name: str, value: str) -> str:
    local, at, domain = value.partition("@")
    if value and (not (local and at and domain) or not value.isprintable() or " " in value):
        raise UsageError(f"WEBOFFICE_{name}: {value!r} is no e-mail address")
    return value


def _one_of_characters(name: str, value: str) -> str:
    if not all(c.isascii() and (c.isalnum() or c in "._-") for c in value):
        raise UsageError(f"WEBOFFICE_{name}: a topic's name holds letters, digits and . _ - only")
    return value
