"""An outlet for trying: its figures are seen where it is chosen, in no total, and erased by one command."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import UTC, datetime
from typing import Any

import httpx
import msgspec
import pytest
from click.testing import CliRunner
from psycopg import sql

from ops.commands.erase_test import erase_test
from ops.commands.provision import provision as command
from ops.provisioning import Wish, provision
from ops.settings import Settings
from projections.apply.engine import Engine
from projections.models import PROJECTIONS
from schemas.log import LogRecord
from schemas.records import decode, headers
from tests.webapp.reports.conftest import enter
from tests.webapp.reports.office import NOW
from tests.webapp.shop import Shop, counted, good, sale
from tests.webapp.visitor import Visitor
from webapp.app import Portal
from webapp.page import AnyPage
from webapp.pages import PAGES

OWNER = "owner@example.com"
AT = "2026-11-20T12:00:00+03:00"
TRACES = ("Пробный", "77777", "77 777", "77\N{NARROW NO-BREAK SPACE}777", "77\N{NO-BREAK SPACE}777")
"""What would be seen of the outlet for trying."""


@pytest.fixture
async def shop(postgres: str, portal: Portal, visitor: Visitor) -> Shop:
    """A real outlet with a sale of ten rubles, and one for trying with a larger one; another real one without."""
    portal.clock = lambda: NOW
    shop = Shop(postgres, OWNER, ["Лавка", "Кафе"])
    [trying] = provision(postgres, OWNER, ["Проба"], Wish(test=True))["outlets"]
    shop.outlets["Проба"] = trying["outlet_id"]
    shop.send(good("tea", "Чай"), counted("tea", "10"), sale("s1", AT, ("tea", "1", "10.00")))
    tried = sale("t1", AT, ("try", "1", "77777.00"), contact_id="c1")
    tried["lines"][0]["name"] = "Пробный товар"
    contact = {"type": "contact.saved", "at": AT, "contact_id": "c1", "name": "Пробный П.П."}
    contact |= {"purchases_total": "77777.00", "debt": "0", "points": "0"}
    shop.send(good("try", "Пробный товар"), counted("try", "77777"), contact, tried, outlet=trying["outlet_id"])
    await enter(visitor, postgres, OWNER)
    return shop


def _listed() -> list[AnyPage]:
    return [page for page in PAGES if page.gate.figures and "{" not in page.path and "card" not in page.path]


async def test_it_is_in_no_total(visitor: Visitor, shop: Shop, client: httpx.AsyncClient) -> None:
    """Dashboard, report, comparisons, lists and files over all outlets hold nothing of it, also where it is asked for
    beside a real one; nor does the list of outlets that programs add up."""
    trying = shop.outlets["Проба"]
    pages = _listed()
    assert len(pages) > 5
    shown = ""
    for page in pages:
        for query in ("range=all", "range=all&outlet=all", f"range=all&outlet={shop.outlet}&outlet={trying}"):
            answer = await visitor.get(f"{page.path}?{query}")
            body = answer.text.replace("Проба (проба)", "")
            assert [trace for trace in TRACES if trace in body] == [], page.path
            shown += body
        for download in page.downloads:
            for form in ("csv", "xlsx"):
                content = (await visitor.get(f"{download.path}.{form}?range=all&outlet=all")).content
                text = _unpacked(content) if form == "xlsx" else content.decode()
                assert [trace for trace in TRACES if trace in text] == [], download.path
    assert "10,00" in shown
    listed = (await client.get("/api/v1/outlets", headers={"Authorization": f"Bearer {shop.token}"})).json()
    assert trying not in {outlet["outlet_id"] for outlet in listed}
    assert len(listed) == 2


def _unpacked(workbook: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(workbook)) as files:
        return "".join(files.read(name).decode("utf-8", "replace") for name in files.namelist())


async def test_by_itself_it_is_shown_and_marked(visitor: Visitor, shop: Shop, client: httpx.AsyncClient) -> None:
    """Chosen alone it has all pages, each of which says what it is; programs read it by its id."""
    trying = shop.outlets["Проба"]
    report = (await visitor.get(f"/report?range=all&outlet={trying}")).text
    assert any(trace in report for trace in TRACES)
    assert "не входят ни в один итог" in report
    assert "(проба)" in (await visitor.get("/report?range=all")).text
    assert "проба</mark>" in (await visitor.get("/outlets")).text
    await visitor.post("/choose-outlet", outlet=trying, next="/report")
    assert "не входят ни в один итог" in (await visitor.get("/report?range=all")).text
    assert "не входят ни в один итог" not in (await visitor.get("/report?range=all&outlet=all")).text
    authorization = {"Authorization": f"Bearer {shop.token}"}
    [day] = (await client.get(f"/api/v1/outlets/{trying}/daily", headers=authorization)).json()
    assert day["revenue"] == "77777.00"


async def test_one_command_erases_it(visitor: Visitor, shop: Shop, service_settings: Settings) -> None:
    """Its rows leave the read models, its till is refused, its name is free; a real outlet is not taken."""
    trying = shop.outlets["Проба"]
    real = _rows(shop, shop.outlet)
    assert len(_rows(shop, trying)) > 5
    runner = CliRunner()

    def run(name: str, to: Any = erase_test, *more: str) -> Any:
        arguments = ["--email", OWNER, "--outlet", name, "--json", *more]
        return runner.invoke(to, arguments, obj=service_settings, standalone_mode=False)

    assert "real outlet" in str(run("Лавка").exception)
    assert "no outlet" in str(run("Нет такой").exception)
    assert "for trying" in str(run("Проба", command).exception)
    assert "real outlet" in str(run("Лавка", command, "--test").exception)
    assert json.loads(run("Проба").stdout) == {"outlet_id": trying}
    [(record,)] = shop.sql("SELECT record FROM app.outbox")
    engine = Engine(shop.postgres)
    offset = engine.start_offsets([0])[0]
    now = datetime(2026, 11, 24, tzinfo=UTC)
    order = decode(bytes(record))
    engine.apply([LogRecord(0, offset, trying.encode(), bytes(record), headers(kind=_kind(order), outlet=trying), now)])
    engine.close()
    assert _rows(shop, trying) == {}
    assert _rows(shop, shop.outlet) == real
    assert shop.sql("SELECT FROM app.till_tokens k JOIN app.tills t USING (till_id) WHERE t.outlet_id = %s"
                    " AND (k.revoked_at IS NULL OR t.removed_at IS NULL)", trying) == []  # fmt: skip
    again = json.loads(run("Проба", command, "--test").stdout)
    assert again["outlets"][0]["outlet_id"] != trying
    assert "Проба" in (await visitor.get("/outlets")).text


def _kind(order: object) -> str:
    return str(msgspec.to_builtins(order)["kind"])


def _rows(shop: Shop, outlet: str) -> dict[str, int]:
    """How many rows each read model has of the outlet, where it has any."""
    select = sql.SQL("SELECT count(*) FROM {} WHERE outlet_id = {}")
    counts = {
        projection.name: shop.sql(select.format(sql.Identifier(projection.name), outlet))[0][0]  # type: ignore[arg-type]
        for projection in PROJECTIONS
    }
    return {name: count for name, count in counts.items() if count}
