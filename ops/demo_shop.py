"""The shop at `/demo`: simulated sales and a portal over them, in a home that is thrown away, for a day at most.

It shares nothing with the service that shows it but the machine: its PostgreSQL is embedded, its portal listens on
loopback, nothing is uploaded, and there is no Kafka: simulated events go straight through the fold that all events go
through. It may take one core, at low priority, and so much memory; past that, or after a day, it ends and is made anew.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import psutil
import structlog
from prometheus_client import Gauge
from psycopg.conninfo import conninfo_to_dict
from starlette.applications import Starlette
from starlette.middleware import Middleware

from ops import demo_sales, logins, processes, web
from ops import settings as settings_module
from ops.http import server as http_server
from ops.http.bounds import Bounds
from ops.http.headers import SafeAnswers
from ops.infrastructure.postgres import EmbeddedPostgres
from ops.migrate import migrate
from ops.provisioning import provision, transaction
from ops.settings import Settings
from projections.models import versions
from schemas.statements import load
from schemas.tokens import digest, new_secret
from webapp.app import Portal
from webapp.demonstration.upstream import FILE, Showing
from webapp.translation import LOCALES

log = structlog.get_logger(__name__)

OWNER = "owner@demo.example"
MEMORY_BYTES_MAX = 768 * 2**20
LIFETIME = timedelta(days=1)
_LOOK_EVERY_S = 10.0
_BOUNDS = Bounds(connections=32, per_address=32, reserve=4)
_READY = Gauge("weboffice_demo_ready", "1 while the demonstration can be looked at.")
_MEMORY = Gauge("weboffice_demo_memory_bytes", "What the processes of the demonstration hold in memory.")

_sql = load("ops", "demo_shop.sql")


def run(settings: Settings, stopping: threading.Event) -> None:
    """Until SIGTERM, of which `stopping` is told before there is anything to look at, or until its day is over."""
    home, shown = settings.home / "demo", settings.home / FILE
    _little()
    _clear(home, shown)
    home.mkdir()
    postgres = EmbeddedPostgres(home / "postgres")
    try:
        postgres.prepare()
        postgres.start()
        postgres.wait_ready(timeout=1800)  # whatever else wants the processor comes first
        migrate(postgres.address, settings_module.read(_settings(home)))
        account = provision(postgres.address, OWNER, demo_sales.OUTLETS)
        shops = demo_sales.shops(postgres.address, account["outlets"], LIFETIME)
        with contextlib.closing(demo_sales.Sales(logins.login(postgres.address, "worker"), shops)) as sales:
            while sales.go_on():
                if stopping.is_set():
                    return
        _show(home, shown, postgres, shops)
    finally:
        _READY.set(0)
        _clear(home, shown)  # nothing of it is kept, so it need not be left in order
        log.info("demo_ended")


def _show(home: Path, shown: Path, postgres: EmbeddedPostgres, shops: Sequence[demo_sales.Life]) -> None:
    """Serves pages until SIGTERM, while the shops go on selling beside."""
    assert postgres.process is not None
    listening = web.listen("127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    accounts, figures = (logins.login(postgres.address, part) for part in ("accounts", "portal"))
    portal = Portal(accounts, figures=figures, home=home, public_url=url, smtp_url=None, stale=versions.lacking)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette):  # type: ignore[no-untyped-def]  # starlette's own protocol
        async with portal:
            _tell(shown, Showing(url, visitors(postgres.address)))
            yield

    app = Starlette(routes=portal.routes(), lifespan=lifespan, middleware=[Middleware(SafeAnswers, secure=False)])
    app.state.end_streams = portal.live.close
    beside = threading.Thread(
        target=_live, args=(logins.login(postgres.address, "worker"), shops, postgres.process.pid), daemon=True
    )
    beside.start()
    http_server.serve(app, listening, _BOUNDS, [])


def _live(worker: str, shops: Sequence[demo_sales.Life], server: int) -> None:
    """Sells what is due, and ends the process when it holds too much, when its day is over, or when selling fails."""
    until = time.monotonic() + LIFETIME.total_seconds()
    try:
        with contextlib.closing(demo_sales.Sales(worker, shops)) as sales:
            while time.monotonic() < until:
                while sales.go_on():
                    pass
                held = sum(map(_held_bytes, [psutil.Process(), *_tree(server)]))
                _MEMORY.set(held)
                if held > MEMORY_BYTES_MAX:
                    log.warning("demo_takes_too_much", memory_bytes=held, memory_bytes_max=MEMORY_BYTES_MAX)
                    return
                time.sleep(_LOOK_EVERY_S)
    finally:
        os.kill(os.getpid(), signal.SIGTERM)


def visitors(postgres: str) -> dict[str, str]:
    """Who looks, one for each language: the secrets of their sessions."""
    sessions = {locale: new_secret() for locale in LOCALES}
    with transaction(postgres) as connection:
        for locale, secret in sessions.items():
            of_visitor = {"email": f"visitor-{locale}@demo.example", "locale": locale, "owner": OWNER}
            until = {"session_hash": digest(secret), "lifetime": 2 * LIFETIME}
            connection.execute(_sql["add_visitor"], of_visitor | until)
    return sessions


def _tell(shown: Path, showing: Showing) -> None:
    """Says to the portal that there is something to look at."""
    beside = shown.with_suffix(".new")
    beside.touch(mode=0o600)
    beside.write_bytes(msgspec.json.encode(showing))
    os.replace(beside, shown)
    _READY.set(1)
    log.info("demo_ready", url=showing.url)


def _settings(home: Path) -> Mapping[str, str]:
    """Nothing of ours: no address, no secret, no letter."""
    return {"WEBOFFICE_HOME": str(home)}


def _little() -> None:
    """We, and all that we start, take one core at most, after whatever else wants it."""
    os.nice(10)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})


def _clear(home: Path, shown: Path) -> None:
    """Ends what is left, also of one that was killed, and throws its home away, with the folder of its socket."""
    shown.unlink(missing_ok=True)
    if left := processes.leftover(home / "postgres" / "pid.json"):
        _kill(left.pid)
    sockets = conninfo_to_dict(EmbeddedPostgres(home / "postgres").address)["host"]
    for folder in (str(sockets), home):  # of a deep home the first one lies elsewhere
        shutil.rmtree(folder, ignore_errors=True)


def _tree(pid: int) -> list[psutil.Process]:
    """The process, then all that it started; none where it is gone."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def _kill(pid: int) -> None:
    everything = _tree(pid)
    for process in everything:  # those that start others first
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(everything, timeout=5)


def _held_bytes(process: psutil.Process) -> int:
    """A share of what it has in common with others, where the system tells it; else all it holds."""
    with contextlib.suppress(psutil.Error):
        return int(getattr(process.memory_full_info(), "pss", 0)) or int(process.memory_info().rss)
    return 0
