"""A served portal with an owner who has a long list, and another owner beside him."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
from msgspec import Struct

from ops.provisioning import create_sign_in_link
from ops.settings import Settings
from tests.webapp.served import Served, served_portal
from tests.webapp.shop import Shop, sale

SALES, CONTACTS = 30_000, 50_000
_MANY_SALES = """
INSERT INTO sales
SELECT old.*
FROM sales s
CROSS JOIN generate_series(1, %(count)s) n
CROSS JOIN LATERAL (SELECT timestamptz '2026-11-23 12:00+03' - n * interval '5 minutes' AS at) moment
CROSS JOIN LATERAL jsonb_populate_record(s, jsonb_build_object(
    'sale_id', 'old' || n, 'number', 'O' || n, 'at', moment.at, 'day', (moment.at AT TIME ZONE 'Europe/Moscow')::date
)) old
WHERE s.outlet_id = %(outlet)s
"""
_MANY_CONTACTS = """
INSERT INTO contacts (outlet_id, contact_id, name, purchases_total, debt, points, removed)
SELECT %(outlet)s, 'many' || n, 'Иванов ' || n || repeat(' Ё', 250), 1, 1, 1, false FROM generate_series(1, %(count)s) n
"""


class Office(Struct, frozen=True):
    """What is served, and the cookies of two owners; the first one has long lists of receipts and contacts."""

    served: Served
    postgres: str
    shop: Shop
    other: Shop
    owner_cookie: str
    other_cookie: str
    logs: Path

    def get(self, path: str, cookie: str, timeout: float = 60) -> httpx.Response:
        return httpx.get(f"{self.served.url}{path}", headers={"Cookie": cookie}, timeout=timeout)


def signed_in(url: str, postgres: str, email: str) -> str:
    """The cookie of a new session of an account's owner."""
    path = create_sign_in_link(postgres, email, url).removeprefix(url)
    answer = httpx.get(f"{url}{path}", timeout=60)
    if answer.status_code == 200:
        answer = httpx.post(f"{url}{path}", headers={"Origin": url}, timeout=60)
    assert answer.status_code == 303, answer.text
    return answer.headers["set-cookie"].split(";")[0]


@pytest.fixture
def office(service_settings: Settings) -> Iterator[Office]:
    postgres = service_settings.postgres
    shop, other = Shop(postgres, "owner@shop.example"), Shop(postgres, "other@shop.example", ["Кофейня"])
    for each in (shop, other):
        each.send(sale("first", "2026-11-23T12:00:00+03:00", ("g1", "1", "10.00")))
    with psycopg.connect(postgres, autocommit=True) as connection, psycopg.ClientCursor(connection) as cursor:
        cursor.execute("SELECT set_config('search_path', schema_name, false) FROM app.generations WHERE state = 'live'")
        cursor.execute(_MANY_SALES, {"count": SALES, "outlet": shop.outlet})
        cursor.execute(_MANY_CONTACTS, {"count": CONTACTS, "outlet": shop.outlet})
        cursor.execute("ANALYZE")
    with served_portal(service_settings) as served:
        owner, another = (signed_in(served.url, postgres, f"{name}@shop.example") for name in ("owner", "other"))
        yield Office(served, postgres, shop, other, owner, another, service_settings.home.parent)
