"""Takes the pictures in docs/screenshots: `python -m tests.browser.screenshots`.

Two offices are filled without Kafka in between and looked at in headless Chromium, each at a moment of its own time:
one with the real data of tests/data (on its last day), one with the simulator's (this evening), where an upload came
late and some events are missing, so that a kept report and a ledger have something to tell.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import psycopg
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from psycopg import sql
from starlette.applications import Starlette

from ops.infrastructure.postgres import EmbeddedPostgres
from ops.migrate import migrate
from ops.provisioning import create_sign_in_link
from producers.simulator.history import history
from producers.simulator.shop import Shop as SimulatedShop
from tests.browser.conftest import FLAGS
from tests.conftest import CHROMIUM, database_url
from tests.webapp.kept import keep
from tests.webapp.shop import Shop, expected, real_events
from webapp.app import Portal

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
MOSCOW = ZoneInfo("Europe/Moscow")
REAL_NOW = datetime(2010, 12, 5, 16, 30, tzinfo=MOSCOW)
DEMO_NOW = datetime.now(MOSCOW).replace(hour=18, minute=42, second=0, microsecond=0)
DEMO_OUTLETS = ("Продукты на Садовой", "Кофейня «Угол»", "Одежда и обувь")
KEPT = "Сегодня утром"
OWNER = "owner@example.org"
DEVICES = {"desktop": (1280, 860), "phone": (390, 844)}


def fill_real(postgres: str) -> Shop:
    """The fifteen outlets of the real data."""
    recount = expected()
    shop = Shop(postgres, OWNER, [recount[file]["name"] for file in recount])
    for file, said in recount.items():
        shop.send(*real_events(file), outlet=shop.outlets[said["name"]])
    return shop


def fill_demo(postgres: str) -> Shop:
    """Three simulated shops: five weeks, a kept report of this morning, late receipts and a few missing events."""
    shop = Shop(postgres, OWNER, DEMO_OUTLETS)
    morning, late = DEMO_NOW.replace(hour=7, minute=0), slice(-9, None)
    later: list[Callable[[], None]] = []
    for number, outlet in enumerate(shop.outlets.values()):
        events = list(history(7, SimulatedShop(number, MOSCOW), 35, DEMO_NOW))
        before = [event for event in events if datetime.fromisoformat(event["at"]) < morning]
        run = f"00000000-0000-4000-8000-00000000000{number}"
        if number == 0:
            yesterday = (morning - timedelta(days=1)).date().isoformat()
            sales = [one for one in before if one["type"] == "sale.registered" and one["at"].startswith(yesterday)]
            before = [one for one in before if one not in sales[late]]
            later.append(lambda sales=sales: shop.send(*sales[late], received=DEMO_NOW))  # type: ignore[misc]
        today = events[len(events) - sum(datetime.fromisoformat(one["at"]) >= morning for one in events) :]
        shop.send(*before, outlet=outlet, run=run, received=morning)
        missing = 3 if number == 1 else 0
        pieces = [today[:-20], today[-20 + missing :]]
        starts = [len(before) + 1, len(before) + len(today) - 19 + missing]
        for piece, start in zip(pieces, starts, strict=True):
            later.append(_sending(shop, piece, outlet, run, start))
    add_members(shop)
    keep(postgres, KEPT, morning)
    for send in later:
        send()
    shop.change("UPDATE app.accounts SET trial_until = %s", DEMO_NOW + timedelta(days=23))
    return shop


def add_members(shop: Shop) -> None:
    """An accountant with a second factor, which the owner asks for, and a seller without one; a manager is invited."""
    groceries, cafe, _ = shop.outlets.values()
    for email, role, outlets, costs in (
        ("buh@example.org", "accountant", None, True),
        ("anna@example.org", "seller", [cafe], False),
    ):
        shop.change(
            "WITH person AS (INSERT INTO app.accounts (account_id, email) VALUES (gen_random_uuid(), %s)"
            " RETURNING account_id)"
            " INSERT INTO app.members (account_id, person_id, role, outlets, sees_costs)"
            " SELECT %s, account_id, %s, %s::uuid[], %s FROM person",
            *(email, shop.account_id, role, outlets, costs),
        )
    shop.change(
        "INSERT INTO app.second_factors (person_id, secret, confirmed_at)"
        " SELECT account_id, '-', now() FROM app.accounts WHERE email = 'buh@example.org'"
    )
    shop.change("UPDATE app.accounts SET members_need_factor = true WHERE account_id = %s", shop.account_id)
    shop.change(
        "INSERT INTO app.invitations (link_hash, account_id, email, role, outlets, sees_costs, expires_at) VALUES"
        " (sha256('picture'), %s, 'petr@example.org', 'manager', ARRAY[%s::uuid], true, now() + interval '7 days')",
        *(shop.account_id, groceries),
    )


def _sending(shop: Shop, events: list[dict[str, Any]], outlet: str, run: str, first_seq: int) -> Callable[[], None]:
    return lambda: shop.send(*events, outlet=outlet, run=run, first_seq=first_seq, received=DEMO_NOW)


@contextlib.contextmanager
def serving(postgres: str, home: Path, now: datetime) -> Iterator[str]:
    """A portal whose clock stands still at `now`; its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    ready, stop = threading.Event(), threading.Event()

    async def serve() -> None:
        async with Portal(postgres, home=home, public_url=url, smtp_url=None, clock=lambda: now) as portal:
            app = Starlette(routes=portal.routes())
            server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off", ws="none"))
            running = asyncio.create_task(server.serve([listener]))
            ready.set()
            await asyncio.to_thread(stop.wait)
            portal.live.close()
            server.should_exit = True
            await running

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    ready.wait()
    try:
        yield url
    finally:
        stop.set()
        thread.join()


def shoot(browser: Browser, postgres: str, url: str, pages: dict[str, str], scheme: Any = "light") -> None:
    """Pictures of pages (name → path) as `NAME-DEVICE.png` (`NAME-demo.png` on a desktop): a window at first."""
    context = browser.new_context(locale="ru-RU", color_scheme=scheme)
    page = context.new_page()
    page.goto(create_sign_in_link(postgres, OWNER, url))
    page.wait_for_url(f"{url}/")
    for device, (width, height) in DEVICES.items():
        page.set_viewport_size({"width": width, "height": height})
        for name, path in pages.items():
            page.goto(url + path, wait_until="load")
            page.wait_for_function("!document.querySelector('[data-chart]') || document.querySelector('canvas')")
            target = FOLDER / f"{name}-{device}.png".replace("-demo-desktop", "-demo")
            page.screenshot(path=target, animations="disabled")
            sys.stdout.write(f"{target}\n")
    context.close()


def _ids(shop: Shop, statement: str, *parameters: str) -> list[str]:
    return [quote(str(value)) for value in shop.sql(statement, *parameters)[0]]


def real_pages(shop: Shop) -> dict[str, str]:
    """The sections and cards of the real data's office."""
    outlet = shop.outlets["United Kingdom"]
    sale, till = _ids(
        shop,
        "SELECT s.sale_id, s.till_id FROM sales s JOIN returns r USING (outlet_id, sale_id) WHERE outlet_id = %s"
        " ORDER BY s.positions DESC, s.sale_id LIMIT 1",
        outlet,
    )
    [good] = _ids(
        shop,
        "SELECT l ->> 'good_id' FROM sales, jsonb_array_elements(lines) l WHERE outlet_id = %s GROUP BY 1"
        " ORDER BY count(*) DESC, 1 LIMIT 1",
        outlet,
    )
    return {
        "dashboard": "/",
        "report": "/report?range=7d",
        "sales": "/sales?range=7d&kind=all",
        "sale": f"/sales/card?outlet={outlet}&sale={sale}&till={till}",
        "goods": f"/goods?outlet={outlet}&min=1",
        "good": f"/goods/card?outlet={outlet}&good={good}",
        "contacts": f"/contacts?outlet={outlet}",
    }


def demo_pages(shop: Shop) -> dict[str, str]:
    """What is best seen on a living shop."""
    groceries, cafe, clothes = shop.outlets.values()
    shift, till = _ids(
        shop,
        "SELECT c.shift_id, c.till_id FROM shift_closings c JOIN shift_openings o USING (outlet_id, shift_id, till_id)"
        " WHERE outlet_id = %s ORDER BY c.at DESC LIMIT 1",
        groceries,
    )
    yesterday = (DEMO_NOW - timedelta(days=1)).date()
    return {
        "dashboard-demo": "/",
        "report-demo": "/report?range=30d",
        "cashiers-demo": f"/cashiers?range=7d&outlet={groceries}&outlet={clothes}",
        "shifts-demo": "/shifts?range=7d&outlet=all",
        "shift-demo": f"/shifts/card?outlet={groceries}&shift={shift}&till={till}",
        "compare-demo": "/compare?range=7d",
        "as-of-demo": f"/report?range=7d&as-of={quote(KEPT)}",
        "later-demo": f"/report/later?as-of={quote(KEPT)}&outlet={groceries}&day={yesterday}",
        "ledger-demo": f"/outlets/{cafe}/ledger",
        "licences": "/licences",
        "outlets": "/outlets",
        "account": "/account",
        "members": "/members",
        "tariffs": "/tariffs",
        "first-steps": "/first-steps",
    }


def main() -> None:
    if CHROMIUM is None:
        raise SystemExit("no browser: install chromium (Debian: apt-get install chromium)")
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="weboffice-", ignore_cleanup_errors=True) as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.prepare()
        server.start()
        try:
            server.wait_ready(120)
            offices = {}
            for name, fill in (("real", fill_real), ("demo", fill_demo)):
                with psycopg.connect(server.address, autocommit=True) as connection:
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
                postgres = database_url(server.address, name)
                migrate(postgres)
                offices[name] = fill(postgres)
            home = Path(folder)
            real, demo = offices["real"], offices["demo"]
            with (
                sync_playwright() as playwright,
                serving(real.postgres, home, REAL_NOW) as real_url,
                serving(demo.postgres, home, DEMO_NOW) as demo_url,
            ):
                browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
                shoot(browser, real.postgres, real_url, real_pages(real))
                shoot(browser, demo.postgres, demo_url, demo_pages(demo))
                shoot(browser, demo.postgres, demo_url, {"dark-demo": "/report?range=30d"}, "dark")
                browser.close()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
