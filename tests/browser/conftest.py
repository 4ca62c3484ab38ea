"""A real browser on a whole running service; the office of a demo owner is filled once for all tests that only look."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from ops.provisioning import create_sign_in_link
from producers.simulator.history import history
from producers.simulator.shop import Shop
from producers.till.client import TillClient
from tests import shop_data
from tests.browser.look import Watched
from tests.conftest import CHROMIUM, fresh_database, fresh_settings
from tests.infrastructure import Servers
from tests.service import Service, running, upload_file
from tests.webapp.kept import keep

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OWNER = "owner@shop.example"
OUTLETS = {"Лавка на Садовой": 14, "Кофейня «Угол»": 4}
"""outlet → which of the real data's files it has: one with many receipts and returns, one with few"""
KEPT = "Как было"
"""the name of a report that is kept of them"""
expect.set_options(timeout=30_000)
PAYMENT_SECRET = "of the provider's notices in these tests"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless Chromium. Not for the whole run: while it is open, its event loop runs in the main thread."""
    if CHROMIUM is None:
        pytest.skip("no browser: install chromium (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def office(servers: Servers, template: str) -> Iterator[Service]:
    """A service with an owner's two outlets and the real data in them. Tests only look at these; new owners join it."""
    with (
        fresh_database(servers, template) as database,
        fresh_settings(servers.kafka, database) as found,
        running(msgspec.structs.replace(found, payment_secret=PAYMENT_SECRET)) as started,
    ):
        account = started.provision(*OUTLETS, email=OWNER)
        for outlet, number in zip(account["outlets"], OUTLETS.values(), strict=True):
            upload_file(started.url, shop_data.FILES[number], outlet["till_token"])
        started.wait_until_worked_off()
        keep(database, KEPT, datetime.now(UTC))
        yield started


@pytest.fixture(scope="package")
def shifts(office: Service) -> str:
    """The address of an owner whose tills have shifts and name their cashiers, which the real data does not: two days
    of a simulated shop. Tests only look."""
    address, moscow = "shifts@shop.example", ZoneInfo("Europe/Moscow")
    [outlet] = office.provision("Одежда и обувь", email=address)["outlets"]
    with (
        tempfile.TemporaryDirectory() as folder,
        TillClient(office.url, outlet["till_token"], Path(folder) / "spool") as till,
    ):
        till.append(list(history(7, Shop(2, moscow), 1, datetime(2026, 11, 20, 21, tzinfo=moscow))))
        till.send()
    office.wait_until_worked_off()
    return address


@pytest.fixture(scope="package")
def signed_in(browser: Browser, office: Service) -> Any:
    """The stored cookies of the office's owner."""
    context = browser.new_context(locale="ru-RU")
    page = context.new_page()
    page.goto(create_sign_in_link(office.settings.postgres, OWNER, office.url))
    page.wait_for_url(f"{office.url}/")  # a person clicks once: the page of the link signs in by itself
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile of a Russian visitor."""
    opened = browser.new_context(locale="ru-RU", viewport={"width": 1440, "height": 900})
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no error may reach the console."""
    opened = context.new_page()
    watched = Watched(opened)
    yield opened
    assert watched.errors == []
