"""The pages with figures in a real browser: they follow new data, draw charts, and complain of nothing."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright, expect
from starlette.applications import Starlette

from ops.provisioning import create_sign_in_link
from tests.webapp.reports.office import NOW, Office
from tests.webapp.shop import sale
from webapp.app import Portal

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@pytest.fixture
async def address(postgres: str, tmp_path: Path) -> AsyncIterator[str]:
    """Where a portal with a fixed clock listens."""
    listener = socket.create_server(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    async with Portal(postgres, home=tmp_path, public_url=url, smtp_url=None, clock=lambda: NOW) as portal:
        config = uvicorn.Config(Starlette(routes=portal.routes()), log_level="error", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve([listener]))
        yield url
        portal.live.close()
        server.should_exit = True
        await serving


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield started
        await started.close()


async def open_page(browser: Browser, office: Office, address: str, width: int) -> tuple[Page, list[str]]:
    """A signed-in page, and the list that its complaints are collected in."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, locale="ru-RU")
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(create_sign_in_link(office.shop.postgres, "owner@example.com", address))
    if "sign-in" in page.url:
        await page.click("main [type=submit]")
    return page, complaints


async def test_pages_follow_new_data(office: Office, address: str) -> None:
    """New sales appear by themselves; what is typed, where the focus is and how far was scrolled stay."""
    async with browser() as started:
        page, complaints = await open_page(started, office, address, 1440)
        await page.goto(f"{address}/sales?range=all&kind=all&outlet=all")
        await page.fill("[name=number]", "набрано")
        await page.evaluate("scrollTo(0, 150)")
        await expect(page.locator("[data-part=totals]")).to_contain_text("320 продаж")
        new = sale("new", "2026-11-24T13:59:00+03:00", ("g1", "1", "7777.77"))
        await asyncio.to_thread(office.shop.send, new)
        await expect(page.locator("[data-part=totals]")).to_contain_text("321 продажа", timeout=15_000)
        await expect(page.locator("[data-part=rows]")).to_contain_text("7 777,77")
        assert await page.input_value("[name=number]") == "набрано"
        assert await page.evaluate("document.activeElement.name") == "number"
        assert await page.evaluate("scrollY") == 150
        assert not complaints


async def test_charts(office: Office, address: str) -> None:
    """Charts are drawn from the tables beside them."""
    async with browser() as started:
        page, complaints = await open_page(started, office, address, 1440)
        await page.goto(f"{address}/report")
        await expect(page.locator("[data-chart] canvas")).to_have_count(1)
        await expect(page.locator("[data-part=methods] .stack rect").first).to_be_visible()
        assert not complaints


async def test_pages_follow_without_the_stream(office: Office, address: str) -> None:
    """Where the stream does not get through, a page asks again by itself after a while."""
    async with browser() as started:
        page, _ = await open_page(started, office, address, 1440)
        await page.route("**/live", lambda route: route.abort())
        await page.clock.install()
        await page.goto(f"{address}/sales?range=all&kind=all&outlet=all")
        new = sale("new", "2026-11-24T13:59:00+03:00", ("g1", "1", "7777.77"))
        await asyncio.to_thread(office.shop.send, new)
        await expect(page.locator("[data-part=totals]")).to_contain_text("320 продаж")
        await page.clock.fast_forward(25_000)
        await expect(page.locator("[data-part=totals]")).to_contain_text("321 продажа")


async def test_phone_menu(office: Office, address: str) -> None:
    """On a phone the menu opens with the keyboard, leads on, and closes with Escape."""
    async with browser() as started:
        page, _ = await open_page(started, office, address, 360)
        await page.goto(address)
        menu = page.locator("nav.menu a[href='/sales']")
        await expect(menu).not_to_be_visible()
        await page.focus("#menu-open")
        await page.keyboard.press("Space")
        await expect(menu).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(menu).not_to_be_visible()
        await page.keyboard.press("Space")
        await menu.click()
        await expect(page.locator("h1")).to_have_text("Продажи")
