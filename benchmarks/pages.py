"""Every page and read-API call of the busiest outlet of a history: time as a client on the same machine sees it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
from psycopg import sql

from benchmarks.contenders import ROOT
from benchmarks.history import DATABASE, OWNER, Made
from benchmarks.servers import Servers, stop
from ops.infrastructure.ports import free_port
from ops.provisioning import create_sign_in_link, provision
from producers.simulator.bulk import END

_WARM = 5
"""requests of each page that are not counted"""


@contextmanager
def portal(servers: Servers) -> Iterator[tuple[str, int]]:
    """A portal on the history, its clock on the history's last day: its address and its process id."""
    with portal_on(servers.database(DATABASE)) as found:
        yield found


@contextmanager
def portal_on(database: str) -> Iterator[tuple[str, int]]:
    """The same on a database by its URL."""
    port = free_port()
    with TemporaryDirectory(prefix="bench-portal-") as folder:
        log = Path(folder, "log")
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.portal", database, folder, str(port)],
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=output,
            )
        url = f"http://127.0.0.1:{port}"
        try:
            _wait(url, process, log)
            yield url, process.pid
        finally:
            process.terminate()
            stop(process)


def _wait(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        try:
            httpx.get(f"{url}/sign-in")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise RuntimeError(f"the portal did not start: {log.read_text()[-2000:]}")


def times(servers: Servers, made: Made, url: str, rounds: int) -> dict[str, list[float]]:
    """Page or call → milliseconds of `rounds` requests, all pages in turn."""
    found: dict[str, list[float]] = {}
    with _asking(servers, made, url) as asked:
        for number in range(rounds + _WARM):
            for name, ask in asked:
                started = time.perf_counter()
                ask()
                if number >= _WARM:
                    found.setdefault(name, []).append((time.perf_counter() - started) * 1000)
    return found


def costs(
    servers: Servers, made: Made, url: str, rounds: int, spent: Callable[[], dict[str, float]]
) -> dict[str, list[dict[str, float]]]:
    """Page or call → what each of `rounds` requests of it made of `spent`, one page after the other."""
    found: dict[str, list[dict[str, float]]] = {}
    with _asking(servers, made, url) as asked:
        for name, ask in asked:
            for _ in range(_WARM):
                ask()
            before = spent()
            for _ in range(rounds):
                ask()
                after = spent()
                found.setdefault(name, []).append({who: after[who] - before[who] for who in after})
                before = after
    return found


@contextmanager
def _asking(servers: Servers, made: Made, url: str) -> Iterator[list[tuple[str, Callable[[], None]]]]:
    """Each page and call by its name, to be asked for once."""
    account = provision(servers.database(DATABASE), OWNER, ["ещё одна"])
    link = create_sign_in_link(servers.database(DATABASE), OWNER, url)
    sale = _latest_sale(servers, made)
    api = {"Authorization": f"Bearer {account['owner_token']}"}

    def ask(client: httpx.Client, path: str) -> None:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}: {answer.headers.get('location')}")

    with httpx.Client(base_url=url, timeout=60) as browser, httpx.Client(base_url=url, headers=api) as program:
        browser.post(link, headers={"Sec-Fetch-Site": "same-origin"}, data={"x": "y"})
        asked = [(browser, path) for path in addresses(made.outlet, sale)]
        asked += [(program, path) for path in calls(made.outlet, sale)]
        yield [(_name(path, made.outlet, sale), partial(ask, client, path)) for client, path in asked]


def _latest_sale(servers: Servers, made: Made) -> str:
    with psycopg.connect(servers.database(DATABASE)) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(made.schema)))
        row = connection.execute(
            "SELECT sale_id FROM sales WHERE outlet_id = %s ORDER BY at DESC LIMIT 1", [made.outlet]
        ).fetchone()
    assert row is not None  # it is the busiest outlet
    return str(row[0])


def _name(path: str, outlet: str, sale: str) -> str:
    return re.sub(r"([=/])" + sale + r"\b", r"\1…", path.replace(outlet, "…"))


def addresses(outlet: str, sale: str) -> list[str]:
    """The pages of an outlet."""
    year = f"from={END.year - 1}-01-01&to={END.year - 1}-12-31"
    return [
        "/",
        f"/report?outlet={outlet}",
        f"/report?outlet={outlet}&{year}",
        "/report?outlet=all",
        f"/sales?outlet={outlet}",
        f"/sales?outlet={outlet}&{year}",
        f"/sales?outlet={outlet}&method=card",
        f"/sales?outlet={outlet}&kind=all&number=77",
        "/sales?outlet=all",
        f"/sales/card?outlet={outlet}&sale={sale}",
        f"/goods?outlet={outlet}",
        f"/goods?outlet={outlet}&query=12",
        f"/goods/card?outlet={outlet}&good=g12",
        f"/contacts?outlet={outlet}",
        f"/contacts?outlet={outlet}&query=12",
        *(f"{path}?outlet={outlet}" for path in ("/cashiers", "/shifts", "/profit", "/order")),
        *(f"{path}?outlet={outlet}" for path in ("/sold", "/sold/hours", "/sold/abc", "/sold/unsold")),
        f"/profit?outlet={outlet}&{year}",
        f"/sold?outlet={outlet}&{year}",
        "/compare",
        "/outlets",
        f"/outlets/{outlet}",
        f"/outlets/{outlet}/ledger",
        "/account",
        "/licences",
    ]


def calls(outlet: str, sale: str) -> list[str]:
    """The calls of the read API about an outlet."""
    base, year = f"/api/v1/outlets/{outlet}", f"from={END.year - 1}-01-01&to={END.year - 1}-12-31"
    return [
        "/api/v1/outlets",
        f"{base}/daily?{year}",
        f"{base}/payments?{year}",
        f"{base}/stock",
        f"{base}/stock?query=12",
        f"{base}/sales",
        f"{base}/sales?{year}",
        f"{base}/sales/{sale}",
        f"{base}/goods/g12",
        f"{base}/contacts",
        f"{base}/contacts?query=12",
    ]
