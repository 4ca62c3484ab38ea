"""Every page and read-API call against the length of the history: time as a client on the same machine sees it."""

from __future__ import annotations

import statistics
import time

import httpx
import psycopg
from msgspec import Struct
from psycopg import sql

from benchmarks.servers import Servers
from benchmarks.service import Service
from ops.provisioning import create_sign_in_link, provision
from producers.simulator.bulk import END, ZONE
from projections import generations

_GOODS = """
INSERT INTO goods (outlet_id, good_id, name, category, max_price, barcodes, extra, removed)
SELECT %(outlet)s, 'g' || n, 'Товар ' || n, 'Раздел ' || n %% 40, n %% 5000 + 10, '[]', '[]', false
FROM generate_series(0, 4999) AS n
ON CONFLICT DO NOTHING
"""
_CONTACTS = """
INSERT INTO contacts (outlet_id, contact_id, name, purchases_total, debt, points, removed)
SELECT %(outlet)s, 'c' || n, 'Покупатель ' || n, n, 0, n %% 100, false FROM generate_series(1, 1000) AS n
ON CONFLICT DO NOTHING
"""


class PageTime(Struct, frozen=True):
    """Milliseconds."""

    name: str
    p50: float
    p99: float


def times(servers: Servers, database: str, schema: str, rounds: int = 100) -> list[PageTime]:
    """Makes a rebuilt generation the live one of an account and measures each page for its busiest outlet."""
    outlet, sale = _own(servers, database, schema)
    service = Service(servers, database)
    try:
        service.start(web="portal", workers=())
        account = provision(service.settings.postgres, "bench@example.org", ["ещё одна"])
        url = f"http://127.0.0.1:{service.port}"
        link = create_sign_in_link(service.settings.postgres, "bench@example.org", url)
        api = {"Authorization": f"Bearer {account['owner_token']}"}
        with httpx.Client(base_url=url) as browser, httpx.Client(base_url=url, headers=api) as program:
            browser.post(link, headers={"Sec-Fetch-Site": "same-origin"}, data={"x": "y"})
            found = [_time(browser, path, rounds) for path in _pages(outlet, sale)]
            return found + [_time(program, path, rounds) for path in _calls(outlet, sale)]
    finally:
        service.stop()


def _own(servers: Servers, database: str, schema: str) -> tuple[str, str]:
    """Gives all outlets of the workload to one account; returns the busiest one and one of its sales."""
    provision(servers.database(database), "bench@example.org", ["ещё одна"])
    with psycopg.connect(servers.database(database)) as connection:
        generation = generations.numbered(connection, int(schema.removeprefix("gen_")))
        generations.use(connection, generation)
        row = connection.execute("SELECT outlet_id FROM outlet_totals ORDER BY sales DESC LIMIT 1").fetchone()
        assert row is not None  # the workload has outlets
        connection.execute(_GOODS, {"outlet": row[0]})
        connection.execute(_CONTACTS, {"outlet": row[0]})
        connection.execute("UPDATE outlet_totals SET goods = 5000 WHERE outlet_id = %s", [row[0]])
        sale = connection.execute("SELECT sale_id FROM sales WHERE outlet_id = %s LIMIT 1", [row[0]]).fetchone()
        assert sale is not None  # and they have sales
        connection.execute(
            "INSERT INTO app.outlets (outlet_id, account_id, name, zone)"
            " SELECT t.outlet_id, a.account_id, 'Точка ' || t.outlet_id, %s FROM outlet_totals t, app.accounts a",
            [ZONE],
        )
        generations.close(connection, generation, "ready")
        generations.stop_applying(connection)
        generations.make_live(connection, generation)
    with psycopg.connect(servers.database(database, superuser=True), autocommit=True) as connection:
        connection.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
        connection.execute("VACUUM ANALYZE")
    return str(row[0]), str(sale[0])


def _pages(outlet: str, sale: str) -> list[str]:
    last, month, year = END.replace(year=END.year - 1, month=12, day=31), "2025-12-01", "2025-01-01"
    return [
        f"/?outlet={outlet}",
        f"/report?outlet={outlet}&from={month}&to={last}",
        f"/report?outlet={outlet}&from={year}&to={last}",
        f"/sales?outlet={outlet}&from={month}&to={last}",
        f"/sales?outlet={outlet}&from={year}&to={last}",
        f"/sales/card?outlet={outlet}&sale={sale}",
        f"/goods?outlet={outlet}",
        f"/goods?outlet={outlet}&query=12",
        f"/goods/card?outlet={outlet}&good=g12",
        f"/contacts?outlet={outlet}",
    ]


def _calls(outlet: str, sale: str) -> list[str]:
    base = f"/api/v1/outlets/{outlet}"
    return [
        "/api/v1/outlets",
        f"{base}/daily?from=2025-01-01&to=2025-12-31",
        f"{base}/payments?from=2025-01-01&to=2025-12-31",
        f"{base}/stock?limit=50",
        f"{base}/stock?query=12&limit=50",
        f"{base}/sales?from=2025-01-01&to=2025-12-31&limit=50",
        f"{base}/sales/{sale}",
        f"{base}/goods/g12",
        f"{base}/contacts?limit=50",
    ]


def _time(client: httpx.Client, path: str, rounds: int) -> PageTime:
    found = []
    for number in range(rounds + 5):
        started = time.perf_counter()
        answer = client.get(path)
        if number >= 5:
            found.append((time.perf_counter() - started) * 1000)
        if answer.status_code != 200:
            raise RuntimeError(f"{path} was answered {answer.status_code}: {answer.headers.get('location')}")
    name = path.replace(path.split("outlets/")[1].split("/")[0], "…") if "/outlets/" in path else path
    if "outlet=" in name:
        name = name.replace("outlet=" + name.split("outlet=")[1].split("&")[0], "outlet=…")
    return PageTime(name, statistics.median(found), sorted(found)[int(len(found) * 0.99)])
